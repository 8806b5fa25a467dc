// The CNI plug-ins in one executable, chosen by the name it is called by: each of them is small,
// and nearly all of it is the runtime and the netlink library that every one of them links.
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"

	bandwidth "k0s/components/cni-plugins/lifted/bandwidth"
	bridge "k0s/components/cni-plugins/lifted/bridge"
	dhcp "k0s/components/cni-plugins/lifted/dhcp"
	dummy "k0s/components/cni-plugins/lifted/dummy"
	firewall "k0s/components/cni-plugins/lifted/firewall"
	host_device "k0s/components/cni-plugins/lifted/host-device"
	host_local "k0s/components/cni-plugins/lifted/host-local"
	ipvlan "k0s/components/cni-plugins/lifted/ipvlan"
	loopback "k0s/components/cni-plugins/lifted/loopback"
	macvlan "k0s/components/cni-plugins/lifted/macvlan"
	portmap "k0s/components/cni-plugins/lifted/portmap"
	ptp "k0s/components/cni-plugins/lifted/ptp"
	sbr "k0s/components/cni-plugins/lifted/sbr"
	static "k0s/components/cni-plugins/lifted/static"
	tap "k0s/components/cni-plugins/lifted/tap"
	tuning "k0s/components/cni-plugins/lifted/tuning"
	vlan "k0s/components/cni-plugins/lifted/vlan"
	vrf "k0s/components/cni-plugins/lifted/vrf"
)

var plugins = map[string]func(){
	"bandwidth":   bandwidth.Main,
	"bridge":      bridge.Main,
	"dhcp":        dhcp.Main,
	"dummy":       dummy.Main,
	"firewall":    firewall.Main,
	"host-device": host_device.Main,
	"host-local":  host_local.Main,
	"ipvlan":      ipvlan.Main,
	"loopback":    loopback.Main,
	"macvlan":     macvlan.Main,
	"portmap":     portmap.Main,
	"ptp":         ptp.Main,
	"sbr":         sbr.Main,
	"static":      static.Main,
	"tap":         tap.Main,
	"tuning":      tuning.Main,
	"vlan":        vlan.Main,
	"vrf":         vrf.Main,
}

func main() {
	if run, ok := plugins[filepath.Base(os.Args[0])]; ok {
		run()
		return
	}
	if len(os.Args) > 1 {
		if run, ok := plugins[os.Args[1]]; ok {
			os.Args = os.Args[1:]
			run()
			return
		}
	}
	names := make([]string, 0, len(plugins))
	for name := range plugins {
		names = append(names, name)
	}
	sort.Strings(names)
	fmt.Fprintf(os.Stderr, "call this executable by one of these names: %s\n", strings.Join(names, " "))
	os.Exit(2)
}
