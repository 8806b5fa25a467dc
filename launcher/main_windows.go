// The outer program on Windows: it unpacks the runtime that lies in its own file once, and runs it as its child, since a
// process cannot become another program there. With K0S_LAUNCHER=unpack it unpacks other parts. docs/adr/0083.
package main

import (
	"context"
	"os"
	"os/exec"
	"os/signal"
	"unsafe"

	"golang.org/x/sys/windows"
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
	self, err := os.Executable()
	if err != nil {
		return 1, err
	}
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
		return 1, err
	}
	return runChild(exe, runtimeEnvironment(os.Environ(), self, p.sha256, os.Args[0]))
}

// runChild runs the runtime to its end. Ctrl-C reaches it through the console that both have; this process, which has asked
// for interrupts, waits for what it makes of that. If this process is ended, the child ends with it.
func runChild(exe string, env []string) (int, error) {
	job, err := endingJob()
	if err != nil {
		return 1, err
	}
	defer windows.CloseHandle(job)
	child := &exec.Cmd{Path: exe, Args: os.Args, Env: env, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	if err := child.Start(); err != nil {
		return 1, err
	}
	if err := assign(job, child.Process.Pid); err != nil {
		_ = child.Process.Kill()
		return 1, err
	}
	err = child.Wait()
	if child.ProcessState == nil {
		return 1, err
	}
	return child.ProcessState.ExitCode(), nil
}

// endingJob is a group of processes that Windows ends when the last handle to it is closed.
func endingJob() (windows.Handle, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return 0, os.NewSyscallError("CreateJobObject", err)
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{
			LimitFlags: windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE,
		},
	}
	_, err = windows.SetInformationJobObject(job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)))
	if err != nil {
		_ = windows.CloseHandle(job)
		return 0, os.NewSyscallError("SetInformationJobObject", err)
	}
	return job, nil
}

func assign(job windows.Handle, pid int) error {
	process, err := windows.OpenProcess(windows.PROCESS_SET_QUOTA|windows.PROCESS_TERMINATE, false, uint32(pid))
	if err != nil {
		return os.NewSyscallError("OpenProcess", err)
	}
	defer windows.CloseHandle(process)
	return os.NewSyscallError("AssignProcessToJobObject", windows.AssignProcessToJobObject(job, process))
}
