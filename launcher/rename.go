//go:build linux

// The last step of unpacking: names change in one operation each.
package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

const (
	atFdCwd         = -100
	renameNoReplace = 1
	renameExchange  = 2
)

// exchange puts the directory temp at the name final. What was at final, if anything, is then at temp.
func exchange(temp, final string) error {
	for range 10 {
		err := renameat2(temp, final, renameNoReplace)
		if errors.Is(err, syscall.EEXIST) {
			err = renameat2(temp, final, renameExchange)
		}
		if errors.Is(err, syscall.EINVAL) || errors.Is(err, syscall.ENOSYS) {
			return exchangeInTwoSteps(temp, final)
		}
		if !errors.Is(err, syscall.ENOENT) { // another process removed final between the two calls: once more
			return err
		}
	}
	return syscall.EBUSY
}

// exchangeInTwoSteps is for file systems that cannot swap two names.
func exchangeInTwoSteps(temp, final string) error {
	old := temp + "-old"
	err := os.Rename(final, old)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return err
	}
	if err := os.Rename(temp, final); err != nil {
		_ = os.Rename(old, final)
		return err
	}
	return os.RemoveAll(old)
}

func renameat2(from, to string, flags uintptr) error {
	f, err := syscall.BytePtrFromString(from)
	if err != nil {
		return err
	}
	t, err := syscall.BytePtrFromString(to)
	if err != nil {
		return err
	}
	cwd := atFdCwd
	_, _, e := syscall.Syscall6(sysRenameat2, uintptr(cwd), uintptr(unsafe.Pointer(f)), uintptr(cwd), uintptr(unsafe.Pointer(t)), flags, 0)
	if e != 0 {
		return &os.LinkError{Op: "rename", Old: from, New: to, Err: e}
	}
	return nil
}

// replaceLink makes a symbolic link, over whatever file has its name.
func replaceLink(base string, l partLink) error {
	if !filepath.IsLocal(l.Path) || !filepath.IsLocal(filepath.Join(filepath.Dir(l.Path), l.Target)) {
		return &damage{"index", "a link points outside of its directory: " + l.Path}
	}
	path := filepath.Join(base, l.Path)
	if target, err := os.Readlink(path); err == nil && target == l.Target {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	temp := filepath.Join(filepath.Dir(path), tempPrefix+filepath.Base(path)+"-"+random())
	if err := os.Symlink(l.Target, temp); err != nil {
		return err
	}
	if err := os.Rename(temp, path); err != nil {
		_ = os.Remove(temp)
		return err
	}
	return nil
}

func syncDir(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// lockDir takes a lock on a directory; it lasts as long as the file is open.
func lockDir(dir string, how int) (*os.File, error) {
	d, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(d.Fd()), how); err != nil {
		_ = d.Close()
		return nil, err
	}
	return d, nil
}

// A temporary name is made first and locked next: younger ones are left alone.
const leftoverAge = 10 * time.Second

// removeLeftovers removes temporary names in dir that no running process holds.
func removeLeftovers(dir string) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), tempPrefix) {
			continue
		}
		if info, err := e.Info(); err == nil && time.Since(info.ModTime()) > leftoverAge {
			removeUnused(filepath.Join(dir, e.Name()))
		}
	}
}

// removeUnused removes a file or directory unless somebody holds a lock on it.
func removeUnused(path string) {
	if info, err := os.Lstat(path); err != nil || info.Mode()&os.ModeSymlink != 0 {
		_ = os.Remove(path)
		return
	}
	lock, err := lockDir(path, syscall.LOCK_EX|syscall.LOCK_NB)
	if err != nil {
		return
	}
	defer lock.Close()
	_ = os.RemoveAll(path)
}
