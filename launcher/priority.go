//go:build linux

package main

import (
	"os"
	"strconv"
	"syscall"
)

// The unpack mode with this variable leaves the processor to others that want it: what it unpacks is needed later.
const niceVariable = "K0S_LAUNCHER_NICE"

// becomeNice gives the process the niceness that it was asked for, if any. A niceness is a thread's, and the runtime of Go has begun
// some by now: the program begins again, as a process whose one thread has it. It has a session of its own (src/payload/unpacker.ts),
// which has a niceness, too, where the kernel groups processes by session.
func becomeNice() error {
	nice, err := strconv.Atoi(os.Getenv(niceVariable))
	if err != nil {
		return nil
	}
	if err := os.Unsetenv(niceVariable); err != nil {
		return err
	}
	// The kernel's answer is 20 less the niceness, so that it is never negative. To become less nice may be forbidden.
	left, err := syscall.Getpriority(syscall.PRIO_PROCESS, 0)
	if err == nil && 20-left < nice {
		err = syscall.Setpriority(syscall.PRIO_PROCESS, 0, nice)
	}
	if err != nil {
		return os.NewSyscallError("set the priority", err)
	}
	// Only there where the kernel has such groups.
	_ = os.WriteFile("/proc/self/autogroup", []byte(strconv.Itoa(nice)), 0)
	return syscall.Exec("/proc/self/exe", os.Args, os.Environ())
}
