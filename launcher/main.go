//go:build linux

// The outer program of k0s: static, so that it runs on any Linux. It unpacks the runtime that lies in its own file
// once, and becomes it. With K0S_LAUNCHER=unpack it unpacks other parts for the runtime instead. docs/adr/0003.
package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"syscall"
)

// The runtime must be started by the first thread. An exec by another one shows this process as a zombie until the first
// has ended, and whoever watches it takes it for dead.
func init() { runtime.LockOSThread() }

func main() {
	if err := run(); err != nil {
		tell(err)
		os.Exit(1)
	}
}

func run() error {
	self, err := selfPath()
	if err != nil {
		return err
	}
	file, err := openSelf(self)
	if err != nil {
		return err
	}
	defer file.Close()
	p, err := openPack(file, self)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	if os.Getenv("K0S_LAUNCHER") == "unpack" {
		if err := becomeNice(); err != nil {
			return err
		}
		return stage(ctx, p, os.Stdin, os.Stdout)
	}
	if err := checkProcessor(runtimeFeatures()); err != nil {
		return err
	}
	restore := openRootDirectories(os.Geteuid())
	u, err := ensureRuntime(ctx, p, runtimeRoots(os.Geteuid(), os.Getenv), os.Geteuid())
	restore()
	if err != nil {
		return err
	}
	stop()
	return u.exec(p, os.Args)
}

// openRootDirectories sees to it that root's directories get the modes that they are made with: a narrow umask would close
// the data directory to the users of the control plane. What is returned puts the umask back, which is the runtime's to inherit.
func openRootDirectories(euid int) (restore func()) {
	if euid != 0 {
		return func() {}
	}
	umask := syscall.Umask(0o022)
	return func() { syscall.Umask(umask) }
}

// exec becomes the runtime. The lock stays open in it, so that nobody removes what runs.
func (u *unpackedRuntime) exec(p *pack, args []string) error {
	if _, err := os.Readlink("/proc/self/exe"); err != nil {
		return fmt.Errorf("k0s needs /proc, which is not mounted here: mount -t proc proc /proc (%w)", err)
	}
	if u.lock != nil {
		if _, _, e := syscall.Syscall(syscall.SYS_FCNTL, u.lock.Fd(), syscall.F_SETFD, 0); e != 0 {
			return fmt.Errorf("keep the lock on the runtime: %w", e)
		}
	}
	env := runtimeEnvironment(os.Environ(), p.path, p.sha256, args[0])
	if os.Getpid() == 1 {
		return runAsInit(u.exe, args, env)
	}
	if err := syscall.Exec(u.exe, args, env); err != nil {
		return &os.PathError{Op: "exec", Path: u.exe, Err: err}
	}
	return nil
}

// openSelf prefers the file that is really running, which may have been replaced at its path since.
func openSelf(path string) (*os.File, error) {
	if file, err := os.Open("/proc/self/exe"); err == nil {
		return file, nil
	}
	return os.Open(path)
}

// selfPath is where this program lies; without /proc it follows from the name it was called by.
func selfPath() (string, error) {
	if path, err := os.Executable(); err == nil {
		return path, nil
	}
	path, err := exec.LookPath(os.Args[0])
	if err != nil {
		return "", fmt.Errorf("find my own file: %w", err)
	}
	return filepath.Abs(path)
}
