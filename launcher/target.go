//go:build linux

// Where a part is unpacked to. Everything is written under a temporary name, synced and then renamed, so that a reader
// sees the old state or the new one. A temporary name is locked by its writer; unlocked ones are left-overs and go.
package main

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

const tempPrefix = ".k0s-tmp-"

// target is one part on its way to disk. With own set, dir belongs to the part alone and is replaced as a whole;
// without it, dir is shared and each file is replaced for itself.
type target struct {
	part     *part
	dir      string
	own      bool
	uid, gid int
	base     string // where files are written: a temporary directory, or dir itself
	temps    []string
	files    []*os.File
	lock     *os.File
}

// newTarget creates the temporary files of a part. Call discard on any error later.
func newTarget(p *part, dir string, own bool, uid, gid int) (*target, error) {
	real, err := makeDir(dir, own)
	if err != nil {
		return nil, err
	}
	t := &target{part: p, dir: real, own: own, uid: uid, gid: gid, base: real}
	if p.Loader != "" {
		if err := checkLoader(p, real); err != nil {
			return nil, err
		}
	}
	if err := t.create(); err != nil {
		t.discard()
		return nil, t.explain(err)
	}
	return t, nil
}

// makeDir makes what is missing of dir and returns its real path; of an own directory only the parent.
func makeDir(dir string, own bool) (string, error) {
	parent := dir
	if own {
		parent = filepath.Dir(dir)
	}
	if err := os.MkdirAll(parent, 0o755); err != nil {
		return "", err
	}
	real, err := filepath.EvalSymlinks(parent)
	if err != nil || !own {
		return real, err
	}
	return filepath.Join(real, filepath.Base(dir)), nil
}

func (t *target) create() error {
	if t.own {
		t.base = filepath.Join(filepath.Dir(t.dir), tempPrefix+filepath.Base(t.dir)+"-"+random())
		if err := os.Mkdir(t.base, 0o755); err != nil {
			return err
		}
		lock, err := lockDir(t.base, syscall.LOCK_EX|syscall.LOCK_NB)
		if err != nil {
			return err
		}
		t.lock = lock
	}
	for _, f := range t.part.Files {
		if err := t.createFile(f); err != nil {
			return err
		}
	}
	return nil
}

func (t *target) createFile(f partFile) error {
	if !filepath.IsLocal(f.Path) {
		return &damage{"index", fmt.Sprintf("part %q has a file outside of its directory: %s", t.part.Name, f.Path)}
	}
	path := filepath.Join(t.base, f.Path)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return err
	}
	if !t.own {
		path = filepath.Join(filepath.Dir(path), tempPrefix+filepath.Base(path)+"-"+random())
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o600)
	if err != nil {
		return err
	}
	t.temps = append(t.temps, path)
	t.files = append(t.files, file)
	if !t.own {
		return syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	}
	return nil
}

// commit makes what was written visible and durable. ready is called when the files can be used: in a directory of its
// own that is after all is on disk. In a shared one it is before: what is not on disk yet has no record, so that a crash
// between the two only means to unpack again, and nobody waits for the disk.
func (t *target) commit(ready func([]recordFile)) error {
	if err := t.seal(); err != nil {
		return t.explain(err)
	}
	publish := t.publishFiles
	if t.own {
		publish = t.publishDir
	}
	if err := publish(ready); err != nil {
		return t.explain(err)
	}
	t.discard()
	return nil
}

// seal gives the files their final content and mode, and closes them for writing: what is open for writing cannot be executed.
func (t *target) seal() error {
	for i, f := range t.part.Files {
		if err := patchInterpreter(t.files[i], t.part, f, t.dir); err != nil {
			return err
		}
		if err := t.files[i].Chmod(os.FileMode(f.Mode).Perm()); err != nil {
			return err
		}
		if os.Geteuid() == 0 {
			if err := t.files[i].Chown(t.uid, t.gid); err != nil {
				return err
			}
		}
		reader, err := os.Open(t.temps[i])
		if err != nil {
			return err
		}
		err = t.files[i].Close()
		t.files[i] = reader
		if err != nil {
			return err
		}
		if t.own {
			continue
		}
		if err := syscall.Flock(int(reader.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
			return err
		}
	}
	return nil
}

func (t *target) sync() error {
	for _, f := range t.files { // start all writes before waiting for the first: one journal commit serves them all
		_ = syscall.SyncFileRange(int(f.Fd()), 0, 0, 2)
	}
	for _, f := range t.files {
		if err := f.Sync(); err != nil {
			return err
		}
	}
	return nil
}

func (t *target) publishDir(ready func([]recordFile)) error {
	if err := t.sync(); err != nil {
		return err
	}
	if err := t.makeLinks(); err != nil {
		return err
	}
	files, err := t.recordFiles()
	if err != nil {
		return err
	}
	if err := t.writeRecord(files); err != nil {
		return err
	}
	if err := syncDir(t.base); err != nil {
		return err
	}
	if err := exchange(t.base, t.dir); err != nil {
		return err
	}
	ready(files)
	return syncDir(filepath.Dir(t.dir))
}

func (t *target) publishFiles(ready func([]recordFile)) error {
	files, err := t.recordFiles()
	if err != nil {
		return err
	}
	for i, f := range t.part.Files {
		if err := os.Rename(t.temps[i], filepath.Join(t.base, f.Path)); err != nil {
			return err
		}
	}
	if err := t.makeLinks(); err != nil {
		return err
	}
	ready(files)
	if err := t.sync(); err != nil {
		return err
	}
	if err := t.writeRecord(files); err != nil {
		return err
	}
	return syncDir(t.base)
}

func (t *target) makeLinks() error {
	for _, l := range t.part.Links {
		if err := replaceLink(t.base, l); err != nil {
			return err
		}
	}
	return nil
}

func (t *target) recordFiles() ([]recordFile, error) {
	files := make([]recordFile, 0, len(t.files))
	for i, f := range t.part.Files {
		info, err := t.files[i].Stat()
		if err != nil {
			return nil, err
		}
		files = append(files, recordFile{f.Path, f.Size, fmt.Sprint(info.ModTime().UnixNano())})
	}
	return files, nil
}

func (t *target) writeRecord(files []recordFile) error {
	r := record{t.part.Name, t.part.SHA256, t.dir, files}
	text, err := json.Marshal(r)
	if err != nil {
		return err
	}
	path := filepath.Join(t.base, recordName(r.Part))
	temp := filepath.Join(t.base, tempPrefix+recordName(r.Part)+"-"+random())
	file, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL|syscall.O_NOFOLLOW, 0o644)
	if err != nil {
		return err
	}
	_, err = file.Write(append(text, '\n'))
	if err = errors.Join(err, file.Chmod(0o644), file.Sync(), file.Close()); err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
	}
	return err
}

// discard ends the work on a target: temporary names go, and so do the locks.
func (t *target) discard() {
	for _, f := range t.files {
		_ = f.Close()
	}
	if t.own && t.base != t.dir {
		_ = os.RemoveAll(t.base) // after the exchange this is what was there before
	}
	if !t.own {
		for _, path := range t.temps {
			_ = os.Remove(path)
		}
	}
	if t.lock != nil {
		_ = t.lock.Close()
		t.lock = nil
	}
	t.files, t.temps = nil, nil
}

// explain turns "no space left on device" into the number of bytes that are missing.
func (t *target) explain(err error) error {
	if !isNoSpace(err) {
		return err
	}
	missing := neededBytes(t.part)
	for _, path := range t.temps {
		var st syscall.Stat_t
		if syscall.Stat(path, &st) == nil {
			missing -= st.Blocks * 512
		}
	}
	if free, statErr := availableBytes(filepath.Dir(t.dir)); statErr == nil {
		missing -= free
	}
	return &noSpace{t.dir, max(missing, blockSize)}
}

func random() string {
	var b [6]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}

// checkLoader refuses a directory whose path is too long for the placeholder.
func checkLoader(p *part, dir string) error {
	path := filepath.Join(dir, p.Loader)
	for _, f := range p.Files {
		if f.Interpreter != nil && len(path) >= f.Interpreter.Length {
			return fmt.Errorf("the path %s is too long: at most %d bytes", path, f.Interpreter.Length-1)
		}
	}
	return nil
}

// patchInterpreter writes the path of the unpacked loader over the placeholder of an executable.
func patchInterpreter(file *os.File, p *part, f partFile, dir string) error {
	if f.Interpreter == nil {
		return nil
	}
	path := filepath.Join(dir, p.Loader)
	padded := path + strings.Repeat("\x00", f.Interpreter.Length-len(path))
	_, err := file.WriteAt([]byte(padded), f.Interpreter.Offset)
	return err
}
