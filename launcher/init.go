//go:build linux

// The first process of a pid namespace, as in a container: orphans become its children, and somebody has to wait for them.
// There the launcher stays, as small as it is, and k0s is its child.
package main

import (
	"os"
	"os/signal"
	"syscall"
	"unsafe"
)

// runAsInit starts the program, hands signals on to it, reaps whatever ends and exits as the program did. It returns only
// an error of the start.
func runAsInit(exe string, args, env []string) error {
	signals := make(chan os.Signal, 64)
	signal.Notify(signals)
	pid, _, err := syscall.StartProcess(exe, args, &syscall.ProcAttr{
		Env:   env,
		Files: []uintptr{0, 1, 2},
		Sys:   foreground(),
	})
	if err != nil {
		return &os.PathError{Op: "start", Path: exe, Err: err}
	}
	go handOn(signals, pid)
	for {
		var status syscall.WaitStatus
		ended, err := syscall.Wait4(-1, &status, 0, nil)
		if err != nil || ended != pid {
			continue
		}
		if status.Signaled() {
			os.Exit(128 + int(status.Signal()))
		}
		os.Exit(status.ExitStatus())
	}
}

// handOn leaves out what is about this process itself.
func handOn(signals <-chan os.Signal, pid int) {
	for received := range signals {
		switch received {
		case syscall.SIGCHLD, syscall.SIGURG, syscall.SIGPIPE:
		default:
			if number, ok := received.(syscall.Signal); ok {
				_ = syscall.Kill(pid, number)
			}
		}
	}
}

// foreground gives the child a group of its own in front of the terminal, if there is one: Ctrl-C must not reach it twice.
func foreground() *syscall.SysProcAttr {
	var group int32
	_, _, e := syscall.Syscall(syscall.SYS_IOCTL, 0, syscall.TIOCGPGRP, uintptr(unsafe.Pointer(&group)))
	if e != 0 {
		return nil
	}
	return &syscall.SysProcAttr{Foreground: true, Ctty: 0}
}
