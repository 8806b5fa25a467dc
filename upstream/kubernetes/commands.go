package main

import (
	"context"
	"flag"
	"os"
	"slices"
	"strings"

	_ "k8s.io/client-go/plugin/pkg/client/auth" // authentication plug-ins of kubectl
	"k8s.io/component-base/cli"
	"k8s.io/component-base/logs"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectlcmd "k8s.io/kubectl/pkg/cmd"
	kubectlutil "k8s.io/kubectl/pkg/cmd/util"
	apiserverapp "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanagerapp "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	proxyapp "k8s.io/kubernetes/cmd/kube-proxy/app"
	schedulerapp "k8s.io/kubernetes/cmd/kube-scheduler/app"
	kubeletapp "k8s.io/kubernetes/cmd/kubelet/app"
)

// Each function is upstream's cmd/*/main(): commands are built on call, never before, because
// building one has side effects (flags, feature gates) that the others must not see.

func apiserver() { os.Exit(cli.Run(apiserverapp.NewAPIServerCommand())) }

func controllerManager() { os.Exit(cli.Run(controllermanagerapp.NewControllerManagerCommand())) }

func scheduler() { os.Exit(cli.Run(schedulerapp.NewSchedulerCommand())) }

func proxy() { os.Exit(cli.Run(proxyapp.NewProxyCommand())) }

func kubelet() {
	command := kubeletapp.NewKubeletCommand(context.Background())
	os.Args = takeContainerd(os.Args)
	os.Exit(cli.Run(command))
}

// kubelet 1.37 hides cAdvisor's flag --containerd, and its default is a socket that is not k0s'. cAdvisor
// learns there which container a control group belongs to: without it, metrics name none.
func takeContainerd(args []string) []string {
	return slices.DeleteFunc(slices.Clone(args), func(arg string) bool {
		socket, ours := strings.CutPrefix(arg, "--containerd=")
		return ours && flag.Set("containerd", socket) == nil
	})
}

func kubectl() {
	// Verbosity has to be known before the command is built: that already reads .kuberc and plug-ins.
	_, _ = logs.GlogSetter(kubectlcmd.GetLogVerbosity(os.Args))
	if err := cli.RunNoErrOutput(kubectlcmd.NewDefaultKubectlCommand()); err != nil {
		kubectlutil.CheckErr(err)
	}
}
