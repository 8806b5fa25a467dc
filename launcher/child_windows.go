// Children on Windows. There are no signals: a runtime that has no console to press Ctrl-C in ends when its standard input
// does, and a program that knows nothing of that is told by a helper between both, which is this file once more.
package main

import (
	"errors"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"
)

// stopVariable tells the runtime that the end of its standard input ends it. The other end is src/cli/run.ts.
const stopVariable = "K0S_LAUNCHER_STDIN_ENDS"

// runChild runs the runtime to its end. Ctrl-C reaches it through the console that both have; this process, which has asked
// for interrupts, waits for what it makes of that. If this process is ended, the child ends with it.
func runChild(exe string, args, env []string, ended <-chan struct{}) (int, error) {
	child := &exec.Cmd{Path: exe, Args: args, Env: env, Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	if ended == nil {
		return runInJob(child, nil)
	}
	// A service has neither a console nor anybody who reads; the runtime keeps its own log.
	child.Stdin, child.Stdout, child.Stderr = nil, nil, nil
	child.Env = append(child.Env, stopVariable+"=1")
	child.SysProcAttr = &syscall.SysProcAttr{HideWindow: true, CreationFlags: windows.CREATE_NO_WINDOW}
	input, err := child.StdinPipe()
	if err != nil {
		return 1, err
	}
	return runInJob(child, func() {
		<-ended
		_ = input.Close() // it may have ended by itself
	})
}

// runProgram runs a program that is ended with this process, or in order when standard input ends: in a process group of its
// own, it is told by Ctrl-Break, which Go programs take for an interrupt. Other interrupts are not meant for it.
func runProgram(words []string) (int, error) {
	if len(words) == 0 {
		return 1, errors.New("no program was named")
	}
	signal.Ignore(os.Interrupt)
	child := &exec.Cmd{Path: words[0], Args: words, Env: programEnvironment(os.Environ()), Stdout: os.Stdout, Stderr: os.Stderr}
	child.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
	return runInJob(child, func() {
		_, _ = io.Copy(io.Discard, os.Stdin) // however it ends, nobody holds the other end any more
		if windows.GenerateConsoleCtrlEvent(windows.CTRL_BREAK_EVENT, uint32(child.Process.Pid)) != nil {
			_ = child.Process.Kill() // there is no console
		}
	})
}

// programEnvironment is what was given, but for what is meant for this file.
func programEnvironment(env []string) []string {
	kept := make([]string, 0, len(env))
	for _, e := range env {
		if !isUnwanted(nameOf(e)) {
			kept = append(kept, e)
		}
	}
	return kept
}

// runInJob runs the child to its end and returns its exit code. watch begins when the child runs.
func runInJob(child *exec.Cmd, watch func()) (int, error) {
	job, err := endingJob()
	if err != nil {
		return 1, err
	}
	defer windows.CloseHandle(job)
	if err := child.Start(); err != nil {
		return 1, err
	}
	if err := assign(job, child.Process.Pid); err != nil {
		_ = child.Process.Kill()
		return 1, err
	}
	if watch != nil {
		go watch()
	}
	err = child.Wait()
	if child.ProcessState == nil {
		return 1, err
	}
	return child.ProcessState.ExitCode(), nil
}

// endingJob is a group of processes that Windows ends when the last handle to it is closed. What they start is not in it:
// helpers of the runtime end programs in order, and the shims of containers outlive containerd.
func endingJob() (windows.Handle, error) {
	job, err := windows.CreateJobObject(nil, nil)
	if err != nil {
		return 0, os.NewSyscallError("CreateJobObject", err)
	}
	limits := windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION{
		BasicLimitInformation: windows.JOBOBJECT_BASIC_LIMIT_INFORMATION{
			LimitFlags: windows.JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | windows.JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK,
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
