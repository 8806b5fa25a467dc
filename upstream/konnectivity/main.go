// Konnectivity's server and agent in one executable, chosen by the name it is called by; called by
// any other name, the first argument is the name.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	"k8s.io/klog/v2"
	agent "sigs.k8s.io/apiserver-network-proxy/cmd/agent/app"
	agentoptions "sigs.k8s.io/apiserver-network-proxy/cmd/agent/app/options"
	server "sigs.k8s.io/apiserver-network-proxy/cmd/server/app"
	serveroptions "sigs.k8s.io/apiserver-network-proxy/cmd/server/app/options"
	"sigs.k8s.io/apiserver-network-proxy/pkg/util"

	"k0s/components/konnectivity/shared/idlegc"
)

// Upstream links no version in and has no flag for it.
var version string

// Ours, and those of upstream's images.
var known = map[string]bool{
	"konnectivity-server": true, "konnectivity-agent": true, "proxy-server": true, "proxy-agent": true,
}

func main() {
	name := filepath.Base(os.Args[0])
	if !known[name] && len(os.Args) > 1 {
		os.Args = os.Args[1:]
		name = filepath.Base(os.Args[0])
	}
	switch name {
	case "konnectivity-server", "proxy-server":
		o := serveroptions.NewProxyRunOptions()
		run(server.NewProxyCommand(&server.Proxy{}, o), o.Flags())
	case "konnectivity-agent", "proxy-agent":
		o := agentoptions.NewGrpcProxyAgentOptions()
		run(agent.NewAgentCommand(&agent.Agent{}, o), o.Flags())
	default:
		fmt.Fprintln(os.Stderr, "call this executable by one of these names: konnectivity-server konnectivity-agent")
		os.Exit(2)
	}
}

// run is upstream's main(), which is the same for both: klog's flags are added under normalised
// names, and its verbosity defaults to 4. Ours is that both keep less garbage when idle.
func run(command *cobra.Command, options *pflag.FlagSet) {
	idlegc.Start()
	command.Version = version
	flags := command.Flags()
	flags.AddFlagSet(options)
	local := flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	klog.InitFlags(local)
	if err := local.Set("v", "4"); err != nil {
		fmt.Fprintf(os.Stderr, "error setting klog flags: %v", err)
	}
	local.VisitAll(func(fl *flag.Flag) {
		fl.Name = util.Normalize(fl.Name)
		flags.AddGoFlag(fl)
	})
	if err := command.Execute(); err != nil {
		klog.Errorf("error: %v\n", err)
		klog.Flush()
		os.Exit(1)
	}
}
