//go:build linux

// Makes sure that the runtime lies unpacked in a directory named by its hash, and that it is safe to run.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
)

const runtimePart = "runtime"

// unpackedRuntime is a runtime that is in use by us as long as lock is open, also after exec.
type unpackedRuntime struct {
	dir  string
	exe  string
	lock *os.File
}

func ensureRuntime(ctx context.Context, p *pack, roots []string, euid int) (*unpackedRuntime, error) {
	rt, err := p.part(runtimePart)
	if err != nil {
		return nil, &damage{"index", err.Error()}
	}
	var reasons []string
	for _, root := range roots {
		if u := openRuntime(rt, root, euid); u != nil {
			return u, nil
		}
	}
	for _, root := range roots {
		if euid != 0 && root == systemRoot {
			continue
		}
		u, err := unpackRuntime(ctx, p, rt, root, euid)
		if err == nil {
			return u, nil
		}
		if isFatal(err) {
			return nil, err
		}
		reasons = append(reasons, fmt.Sprintf("  %s: %v", root, err))
	}
	return nil, fmt.Errorf("no directory to unpack the runtime to:\n%s\nSet K0S_RUNTIME_ROOT to a directory of your own on a file system that is writable and not mounted noexec",
		strings.Join(reasons, "\n"))
}

// isFatal tells what another directory would not mend.
func isFatal(err error) bool {
	var d *damage
	var n *noSpace
	return errors.As(err, &d) || errors.As(err, &n) || errors.Is(err, context.Canceled)
}

// openRuntime returns the runtime below root if it is there, whole and safe. It holds the lock before it looks.
func openRuntime(rt *part, root string, euid int) *unpackedRuntime {
	real, err := filepath.EvalSymlinks(filepath.Join(root, rt.SHA256))
	if err != nil {
		return nil
	}
	if checkSafe(real, euid) != nil {
		return nil
	}
	lock := shareLock(real)
	u := &unpackedRuntime{dir: real, lock: lock}
	for i, f := range rt.Files {
		path := filepath.Join(real, f.Path)
		info, err := os.Lstat(path)
		if err != nil || !info.Mode().IsRegular() || info.Size() != f.Size || checkOwned(path, euid) != nil {
			return u.close()
		}
		if i == 0 {
			u.exe = path
		}
	}
	if !loaderMatches(rt, real) {
		return u.close()
	}
	return u
}

func (u *unpackedRuntime) close() *unpackedRuntime {
	if u.lock != nil {
		_ = u.lock.Close()
	}
	return nil
}

// shareLock tells others not to remove the directory. It never waits long: a lock that cannot be had is done without.
func shareLock(dir string) *os.File {
	for range 5 {
		lock, err := lockDir(dir, syscall.LOCK_SH|syscall.LOCK_NB)
		if err == nil {
			return lock
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil
		}
		time.Sleep(5 * time.Millisecond)
	}
	return nil
}

// loaderMatches is false for a directory that was moved after unpacking: the kernel would not find the loader.
func loaderMatches(rt *part, dir string) bool {
	exe := rt.Files[0]
	if exe.Interpreter == nil {
		return true
	}
	file, err := os.Open(filepath.Join(dir, exe.Path))
	if err != nil {
		return false
	}
	defer file.Close()
	text := make([]byte, exe.Interpreter.Length)
	if _, err := file.ReadAt(text, exe.Interpreter.Offset); err != nil {
		return false
	}
	path, _, _ := strings.Cut(string(text), "\x00")
	return path == filepath.Join(dir, rt.Loader)
}

func unpackRuntime(ctx context.Context, p *pack, rt *part, root string, euid int) (*unpackedRuntime, error) {
	made, err := makeMissing(root)
	var u *unpackedRuntime
	if err == nil {
		u, err = unpackRuntimeTo(ctx, p, rt, root, euid)
	}
	if err != nil {
		removeMade(made)
	}
	return u, err
}

func unpackRuntimeTo(ctx context.Context, p *pack, rt *part, root string, euid int) (*unpackedRuntime, error) {
	real, err := checkRoot(root, euid)
	if err != nil {
		return nil, err
	}
	lock := waitLock(real)
	if lock != nil {
		defer lock.Close()
	}
	if u := openRuntime(rt, real, euid); u != nil { // another process was faster
		return u, nil
	}
	removeLeftovers(real)
	if err := requireSpace(real, neededBytes(rt)); err != nil {
		return nil, err
	}
	t, err := newTarget(rt, filepath.Join(real, rt.SHA256), true, euid, os.Getegid())
	if err != nil {
		return nil, err
	}
	finish := func() error { return t.commit(func([]recordFile) {}) }
	if err := unpackAll(ctx, p, []*job{{part: rt, files: t.files, finish: finish, progress: func(int64) {}}}); err != nil {
		err = t.explain(err)
		t.discard()
		return nil, err
	}
	removeOtherRuntimes(real, rt.SHA256, euid)
	u := openRuntime(rt, real, euid)
	if u == nil {
		return nil, fmt.Errorf("the runtime was unpacked to %s but is not usable there", filepath.Join(real, rt.SHA256))
	}
	return u, nil
}

// waitLock lets one process unpack at a time; after a while it goes on without, since unpacking twice does no harm.
func waitLock(root string) *os.File {
	for range 600 {
		lock, err := lockDir(root, syscall.LOCK_EX|syscall.LOCK_NB)
		if err == nil {
			return lock
		}
		if !errors.Is(err, syscall.EWOULDBLOCK) {
			return nil
		}
		time.Sleep(50 * time.Millisecond)
	}
	return nil
}

// removeOtherRuntimes removes the runtimes of other versions that no process uses. root may hold other things than ours.
func removeOtherRuntimes(root, keep string, euid int) {
	entries, err := os.ReadDir(root)
	if err != nil {
		return
	}
	for _, e := range entries {
		dir := filepath.Join(root, e.Name())
		if e.Name() != keep && e.IsDir() && isStagedRuntime(dir, euid) {
			removeUnused(dir)
		}
	}
}
