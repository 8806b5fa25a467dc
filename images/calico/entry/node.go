package main

import (
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

const (
	nodeNameFile = "/var/lib/calico/nodename"
	restartDelay = time.Second
	stopTimeout  = 3 * time.Second
)

// startNode does what upstream's /etc/rc.local and runit do: start-up steps in order, then the daemons, each started again
// when it ends. Signals end all of them.
func startNode() error {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)

	if err := runStep("-startup"); err != nil {
		return err
	}
	name, err := os.ReadFile(nodeNameFile)
	if err != nil {
		return fmt.Errorf("calico-node -startup left no node name: %w", err)
	}
	os.Setenv("NODENAME", strings.TrimSpace(string(name)))
	if err := runStep("-allocate-tunnel-addrs", "-allocate-tunnel-addrs-run-once"); err != nil {
		return err
	}
	// Felix knows these under names of its own.
	os.Setenv("FELIX_FELIXHOSTNAME", os.Getenv("NODENAME"))
	if datastore := os.Getenv("DATASTORE_TYPE"); datastore != "" {
		os.Setenv("FELIX_DATASTORETYPE", datastore)
	}

	stop := make(chan struct{})
	ended := make(chan struct{})
	daemons := daemonFlags(os.Getenv("CALICO_NETWORKING_BACKEND"), os.Getenv("CALICO_MANAGE_CNI"), os.Getenv("CALICO_DISABLE_FELIX"))
	for _, flag := range daemons {
		go func() {
			supervise(flag, stop)
			ended <- struct{}{}
		}()
	}
	<-signals
	close(stop)
	for range daemons {
		<-ended
	}
	return nil
}

// daemonFlags is the choice that rc.local makes. The status reporter only tells about BGP.
func daemonFlags(backend, manageCNI, disableFelix string) []string {
	flags := []string{"-allocate-tunnel-addrs"}
	if disableFelix == "" {
		flags = append(flags, "-felix")
	}
	if backend != "none" {
		flags = append(flags, "-monitor-addresses")
	}
	if backend != "none" && backend != "vxlan" {
		flags = append(flags, "-status-reporter")
	}
	if manageCNI != "false" {
		flags = append(flags, "-monitor-token")
	}
	return flags
}

func command(flags ...string) *exec.Cmd {
	cmd := exec.Command("/bin/calico-node", flags...)
	cmd.Stdout = os.Stdout
	cmd.Stderr = os.Stdout
	return cmd
}

func runStep(flags ...string) error {
	if err := command(flags...).Run(); err != nil {
		return fmt.Errorf("calico-node %s: %w", strings.Join(flags, " "), err)
	}
	return nil
}

// supervise runs one daemon until stop is closed.
func supervise(flag string, stop <-chan struct{}) {
	for {
		cmd := command(flag)
		err := cmd.Start()
		if err == nil {
			done := make(chan error, 1)
			go func() { done <- cmd.Wait() }()
			select {
			case err = <-done:
			case <-stop:
				end(cmd, done)
				return
			}
		}
		fmt.Printf("calico-node %s ended (%v), starting it again\n", flag, err)
		select {
		case <-time.After(restartDelay):
		case <-stop:
			return
		}
	}
}

func end(cmd *exec.Cmd, done <-chan error) {
	_ = cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-done:
	case <-time.After(stopTimeout):
		_ = cmd.Process.Kill()
		<-done
	}
}
