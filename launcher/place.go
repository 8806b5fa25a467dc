//go:build linux

// Where the runtime is unpacked, and which places are safe to run it from.
package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

const systemRoot = "/var/lib/k0s/runtime"

// runtimeRoots lists the directories that may hold runtimes, best first. K0S_RUNTIME_ROOT names the only one.
func runtimeRoots(euid int, getenv func(string) string) []string {
	if dir := getenv("K0S_RUNTIME_ROOT"); filepath.IsAbs(dir) {
		return []string{filepath.Clean(dir)}
	}
	if euid == 0 {
		return []string{systemRoot, "/var/cache/k0s/runtime", "/run/k0s-runtime", "/tmp/.k0s-runtime-0"}
	}
	roots := []string{systemRoot} // root's copy serves everybody; it is never written by others
	if dir := getenv("XDG_CACHE_HOME"); filepath.IsAbs(dir) {
		roots = append(roots, filepath.Join(dir, "k0s", "runtime"))
	}
	if dir := getenv("HOME"); filepath.IsAbs(dir) {
		roots = append(roots, filepath.Join(dir, ".cache", "k0s", "runtime"))
	}
	own := ".k0s-runtime-" + strconv.Itoa(euid)
	return append(roots, filepath.Join("/var/tmp", own), filepath.Join("/tmp", own))
}

// makeMissing makes a directory with its parents and returns those that were not there, the deepest first.
func makeMissing(path string) ([]string, error) {
	var made []string
	for at := path; ; at = filepath.Dir(at) {
		if _, err := os.Lstat(at); !errors.Is(err, os.ErrNotExist) || at == "/" {
			break
		}
		made = append(made, at)
	}
	return made, os.MkdirAll(path, 0o755)
}

// removeMade takes back what makeMissing made, as far as nothing was put there since.
func removeMade(made []string) {
	for _, dir := range made {
		if os.Remove(dir) != nil {
			return
		}
	}
}

// checkRoot says why a directory cannot be used for runtimes, if so, else its real path.
func checkRoot(root string, euid int) (string, error) {
	real, err := filepath.EvalSymlinks(root)
	if err != nil {
		return "", err
	}
	if err := checkSafe(real, euid); err != nil {
		return "", err
	}
	if err := syscall.Access(real, 2|1); err != nil {
		return "", &os.PathError{Op: "write", Path: real, Err: err}
	}
	var fs syscall.Statfs_t
	if err := syscall.Statfs(real, &fs); err != nil {
		return "", err
	}
	if fs.Flags&stReadOnly != 0 {
		return "", &os.PathError{Op: "write", Path: real, Err: syscall.EROFS}
	}
	if fs.Flags&stNoExec != 0 {
		return "", fmt.Errorf("%s is mounted noexec", real)
	}
	return real, nil
}

// checkSafe makes sure that nobody but the caller and root can put something at path: all its directories, up to the root,
// belong to one of them and are not writable by others. In sticky directories (/tmp) others cannot rename what is not theirs.
func checkSafe(path string, euid int) error {
	if err := checkOwned(path, euid); err != nil {
		return err
	}
	for dir := filepath.Dir(path); dir != "/"; dir = filepath.Dir(dir) {
		var st syscall.Stat_t
		if err := syscall.Lstat(dir, &st); err != nil {
			return &os.PathError{Op: "stat", Path: dir, Err: err}
		}
		if st.Uid != 0 && int(st.Uid) != euid {
			return fmt.Errorf("%s belongs to uid %d", dir, st.Uid)
		}
		if st.Mode&syscall.S_ISVTX == 0 && writableByOthers(&st) {
			return fmt.Errorf("%s is writable by others", dir)
		}
	}
	return nil
}

// checkOwned makes sure that a file or directory belongs to the caller or to root, and that nobody else can write it.
func checkOwned(path string, euid int) error {
	var st syscall.Stat_t
	if err := syscall.Lstat(path, &st); err != nil {
		return &os.PathError{Op: "stat", Path: path, Err: err}
	}
	if st.Uid != 0 && int(st.Uid) != euid {
		return fmt.Errorf("%s belongs to uid %d", path, st.Uid)
	}
	if writableByOthers(&st) {
		return fmt.Errorf("%s is writable by others", path)
	}
	return nil
}

// writableByOthers lets pass a group that is root's, or the owner's private one (same number, as Linux distributions make it).
func writableByOthers(st *syscall.Stat_t) bool {
	if st.Mode&0o002 != 0 {
		return true
	}
	return st.Mode&0o020 != 0 && st.Gid != 0 && st.Gid != st.Uid
}
