// The outer program on Windows: it unpacks the runtime that lies in its own file once, and runs it as its child, since a
// process cannot become another program there. It is the child of the service manager, too, and does for the runtime what
// that cannot do by itself: with K0S_LAUNCHER=unpack it unpacks other parts, with K0S_LAUNCHER=run it runs a program that
// can be ended in order, with K0S_LAUNCHER=manager it asks the service manager. docs/adr/0083, docs/adr/0084.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"strings"
)

func main() {
	code, err := run()
	if err != nil {
		tell(err)
		os.Exit(1)
	}
	os.Exit(code)
}

func run() (int, error) {
	switch os.Getenv("K0S_LAUNCHER") {
	case "run":
		return runProgram(os.Args[1:])
	case "manager":
		return 0, answerRequest(os.Stdin, os.Stdout)
	}
	self, err := os.Executable()
	if err != nil {
		return 1, err
	}
	name, args := serviceName(os.Args)
	if name != "" {
		return runService(name, self, args)
	}
	return runRuntime(self, args, nil)
}

// serviceName splits off the first word of a service's command line, `service=NAME`, as upstream k0s has it there.
func serviceName(args []string) (string, []string) {
	if len(args) < 2 || !strings.HasPrefix(args[1], "service=") {
		return "", args
	}
	return strings.TrimPrefix(args[1], "service="), append([]string{args[0]}, args[2:]...)
}

// runRuntime unpacks what is asked for, or becomes the parent of the runtime until its end. ended: the runtime's end is asked for.
func runRuntime(self string, args []string, ended <-chan struct{}) (int, error) {
	file, err := os.Open(self)
	if err != nil {
		return 1, err
	}
	defer file.Close()
	p, err := openPack(file, self)
	if err != nil {
		return 1, err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if os.Getenv("K0S_LAUNCHER") == "unpack" {
		return 0, stage(ctx, p, os.Stdin, os.Stdout)
	}
	if err := checkProcessor(runtimeFeatures()); err != nil {
		return 1, err
	}
	exe, err := ensureRuntime(ctx, p)
	if err != nil {
		return 1, fmt.Errorf("unpack the runtime: %w", err)
	}
	env := runtimeEnvironment(os.Environ(), self, p.sha256, os.Args[0])
	return runChild(exe, args, env, ended)
}
