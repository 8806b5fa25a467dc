// containerd and its command-line client in one executable, chosen by the name it is called by:
// both link nearly the same packages. The shim stays apart: it registers its own, much smaller,
// set of plug-ins, and there is one of it a pod.
package main

import (
	"fmt"
	"os"
	"path/filepath"

	_ "github.com/containerd/containerd/v2/cmd/containerd/builtins"
	"github.com/containerd/containerd/v2/cmd/containerd/command"
	ctr "github.com/containerd/containerd/v2/cmd/ctr/app"
	"github.com/urfave/cli/v2"

	"k0s/components/containerd/shared/idlegc"
)

func main() {
	name, app := "containerd", (*cli.App)(nil)
	if filepath.Base(os.Args[0]) == "ctr" {
		name, app = "ctr", ctr.New()
	} else {
		idlegc.Start()
		app = command.App()
	}
	if err := app.Run(os.Args); err != nil {
		fmt.Fprintf(os.Stderr, "%s: %s\n", name, err)
		os.Exit(1)
	}
}
