// Where the runtime lies on Windows, and how parts get to their place.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// runtimeRoot is in the user's own profile: below C:\ every user may make folders, and could leave a runtime there for an
// administrator to run. K0S_RUNTIME_ROOT names another place.
func runtimeRoot() (string, error) {
	if dir := os.Getenv("K0S_RUNTIME_ROOT"); filepath.IsAbs(dir) {
		return filepath.Clean(dir), nil
	}
	dir, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	return filepath.Join(dir, "k0s", "runtime"), nil
}

// ensureRuntime returns the path of the runtime's program. Its folder is named by the hash, and it gets its name there when it is whole.
func ensureRuntime(ctx context.Context, p *pack) (string, error) {
	rt, err := p.part("runtime")
	if err != nil {
		return "", &damage{"index", err.Error()}
	}
	root, err := runtimeRoot()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(root, rt.SHA256)
	exe := filepath.Join(dir, rt.Files[0].Path)
	if isWhole(rt, dir) {
		return exe, nil
	}
	// A program that runs cannot be replaced: another process was faster.
	if err := unpackParts(ctx, p, []placed{{rt, dir}}, func(event) {}); err != nil && !isWhole(rt, dir) {
		return "", err
	}
	return exe, nil
}

func isWhole(pt *part, dir string) bool {
	for _, f := range pt.Files {
		info, err := os.Lstat(filepath.Join(dir, f.Path))
		if err != nil || !info.Mode().IsRegular() || info.Size() != f.Size {
			return false
		}
	}
	return true
}

// stage is the unpack mode, as on Linux.
func stage(ctx context.Context, p *pack, in io.Reader, out io.Writer) error {
	steps, err := readSteps(in)
	if err != nil {
		return err
	}
	emit := emitter(out)
	if isReplaced(p) {
		emit(replaced)
		return nil
	}
	var parts []placed
	for _, s := range steps {
		pt, err := p.part(s.Part)
		if err != nil {
			return err
		}
		if !filepath.IsAbs(s.Dir) {
			return fmt.Errorf("the directory %q of part %q is not absolute", s.Dir, s.Part)
		}
		parts = append(parts, placed{pt, s.Dir})
	}
	return unpackParts(ctx, p, parts, emit)
}

type placed struct {
	part *part
	dir  string
}

// unpackParts writes each file beside its place and renames it when its part is complete and on the disk.
func unpackParts(ctx context.Context, p *pack, parts []placed, emit func(event)) error {
	var jobs []*job
	defer func() { // what was placed is gone from these names
		for _, j := range jobs {
			for _, file := range j.files {
				_ = file.Close()
				_ = os.Remove(file.Name())
			}
		}
	}()
	for _, at := range parts {
		j := &job{part: at.part}
		jobs = append(jobs, j)
		j.progress = func(done int64) {
			emit(event{Event: "progress", Part: at.part.Name, Done: done, Size: at.part.Size})
		}
		suffix := "." + random() + ".partial"
		for _, f := range at.part.Files {
			path := filepath.Join(at.dir, f.Path)
			if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
				return err
			}
			file, err := os.OpenFile(path+suffix, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o755)
			if err != nil {
				return err
			}
			j.files = append(j.files, file)
		}
		j.finish = func() error {
			if err := place(j, at.dir); err != nil {
				return err
			}
			emit(event{Event: "part", Part: at.part.Name})
			return nil
		}
	}
	return unpackAll(ctx, p, jobs)
}

func place(j *job, dir string) error {
	for i, file := range j.files {
		if err := file.Sync(); err != nil {
			return err
		}
		if err := file.Close(); err != nil {
			return err
		}
		if err := os.Rename(file.Name(), filepath.Join(dir, j.part.Files[i].Path)); err != nil {
			return err
		}
	}
	return nil
}

func random() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}
