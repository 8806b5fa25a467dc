// One executable for all of kubernetes: it acts by the name that it is called by, so that the
// processes of a node map the same file and share its text pages (design §2). Helm is in it, too: nine
// tenths of what it links are here already (docs/adr/0105-helm-in-kubernetes.md).
// Called by any other name, the first argument is the name.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
	_ "time/tzdata" // time zones of CronJobs on hosts without a zone database

	helm "helm.sh/helm/v3/lifted"

	"k0s/components/kubernetes/shared/idlegc"
)

// The body of each upstream main().
var commands = map[string]func(){
	"kube-apiserver":          server(apiserver),
	"kube-controller-manager": server(controllerManager),
	"kube-scheduler":          server(scheduler),
	"kube-proxy":              server(proxy),
	"kubelet":                 server(kubelet),
	"kubectl":                 kubectl,
	"helm":                    helm.Main,
}

func server(run func()) func() {
	return func() {
		idlegc.Start()
		run()
	}
}

func main() {
	if run, ok := commands[filepath.Base(os.Args[0])]; ok {
		run()
		return
	}
	if len(os.Args) > 1 {
		if run, ok := commands[os.Args[1]]; ok {
			os.Args = os.Args[1:]
			run()
			return
		}
	}
	names := make([]string, 0, len(commands))
	for name := range commands {
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Fprintf(os.Stderr, "call this executable by one of these names: %s\n", strings.Join(names, " "))
	os.Exit(2)
}
