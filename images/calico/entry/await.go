package main

import (
	"fmt"
	"net"
	"os"
	"slices"
	"syscall"
	"time"
)

// node is Calico's own program; the process keeps its name.
const node = "/usr/libexec/calico-node"

const (
	awaitAtMost = 60 * time.Second
	dialTimeout = time.Second
	dialPause   = 200 * time.Millisecond
)

// calicoNode becomes calico-node. Its first step waits for the API: a connection to its Service that begins before kube-proxy
// knows it goes out unchanged, and so do all packets that are sent again; Calico gives it up after 30 s only, and no pod starts
// before. What is wrong after that is Calico's to say.
func calicoNode(args []string) error {
	if slices.Contains(args, "-startup") {
		awaitAPI(os.Getenv("KUBERNETES_SERVICE_HOST"), os.Getenv("KUBERNETES_SERVICE_PORT"), awaitAtMost)
	}
	return syscall.Exec(node, args, os.Environ())
}

// awaitAPI returns when a connection comes about, or after a time. Each try is a connection of its own.
func awaitAPI(host, port string, atMost time.Duration) {
	if host == "" || port == "" {
		return
	}
	address := net.JoinHostPort(host, port)
	for until := time.Now().Add(atMost); ; time.Sleep(dialPause) {
		connection, err := net.DialTimeout("tcp", address, dialTimeout)
		if err == nil {
			connection.Close()
			return
		}
		if time.Now().After(until) {
			fmt.Printf("the API does not answer at %s (%v): does kube-proxy run?\n", address, err)
			return
		}
	}
}
