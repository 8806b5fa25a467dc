// Where the runtime lies on Windows, and how parts get to their place.
package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
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
			files, err := place(j, at.dir)
			if err != nil {
				return err
			}
			if err := writeRecord(record{at.part.Name, at.part.SHA256, at.dir, files}); err != nil {
				return err
			}
			emit(event{Event: "part", Part: at.part.Name, Size: at.part.Size, Files: files})
			return nil
		}
	}
	return unpackAll(ctx, p, jobs)
}

func place(j *job, dir string) ([]recordFile, error) {
	var files []recordFile
	for i, file := range j.files {
		if err := file.Sync(); err != nil {
			return nil, err
		}
		if err := file.Close(); err != nil {
			return nil, err
		}
		f := j.part.Files[i]
		path := filepath.Join(dir, f.Path)
		if err := os.Rename(file.Name(), path); err != nil {
			return nil, err
		}
		info, err := os.Lstat(path)
		if err != nil {
			return nil, err
		}
		files = append(files, recordFile{f.Path, f.Size, fmt.Sprint(info.ModTime().UnixNano())})
	}
	return files, nil
}

// writeRecord says that the files of a part are there and whole, as on Linux.
func writeRecord(r record) error {
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	path := filepath.Join(r.Dir, recordName(r.Part))
	temp := path + "." + random() + ".partial"
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(append(text, '\n'))
	if err = errors.Join(err, file.Sync(), file.Close()); err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
	}
	return err
}

func random() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}
