// Calico's programs in one executable, chosen by the name it is called by: apart they would link
// the same clients four times, and the three images could not share a layer.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	"github.com/projectcalico/calico/cni-plugin/pkg/install"
	"github.com/projectcalico/calico/cni-plugin/pkg/ipamplugin"
	"github.com/projectcalico/calico/cni-plugin/pkg/plugin"
	"github.com/sirupsen/logrus"

	calico_node "k0s/components/calico/lifted/calico-node"
	check_status "k0s/components/calico/lifted/check-status"
	kube_controllers "k0s/components/calico/lifted/kube-controllers"
	"k0s/components/calico/shared/idlegc"
)

// Stamped by the build; the lifted programs have variables of their own.
var version string

var commands = map[string]func(){
	"calico":           func() { plugin.Main(version) },
	"calico-ipam":      func() { ipamplugin.Main(version) },
	"calico-install":   installPlugins,
	"calico-node":      lasting(calico_node.Main),
	"kube-controllers": lasting(kube_controllers.Main),
	"check-status":     check_status.Main,
}

func installPlugins() {
	if err := install.Install(version); err != nil {
		logrus.WithError(err).Fatal("Error installing CNI plugin")
	}
}

func lasting(run func()) func() {
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
