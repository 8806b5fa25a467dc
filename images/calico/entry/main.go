// What stands between Kubernetes and Calico's programs in its images, in place of upstream's shell scripts and runit:
// `install` puts the CNI plug-in on the host, `calico-node-start` runs the parts of calico-node.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// calico is the multi-call executable with all of Calico's programs.
const calico = "/usr/bin/calico"

func main() {
	var err error
	switch name := filepath.Base(os.Args[0]); name {
	case "install":
		err = install("/host/opt/cni/bin")
	case "calico-node-start":
		err = startNode()
	default:
		err = fmt.Errorf("unknown program name %q", name)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
