//go:build linux

// The unpack mode: unpacks the parts in the order of the steps, and reports. The words for both are in protocol.go.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"sync"
	"time"
)

const progressPeriod = 100 * time.Millisecond

// errReported is an error that was already written to standard output as an event.
var errReported = errors.New("unpacking failed")

func stage(ctx context.Context, p *pack, in io.Reader, out io.Writer) error {
	steps, err := readSteps(in)
	if err != nil {
		return err
	}
	if isReplaced(p) {
		return json.NewEncoder(out).Encode(replaced)
	}
	emit := emitter(out)
	if err := unpackSteps(ctx, p, steps, emit); err != nil {
		emit(errorEvent(err))
		return errReported
	}
	return nil
}

func unpackSteps(ctx context.Context, p *pack, steps []step, emit func(event)) error {
	targets, err := makeTargets(p, steps)
	defer func() {
		for _, t := range targets {
			t.discard()
		}
	}()
	if err != nil {
		return err
	}
	jobs := make([]*job, 0, len(targets))
	for _, t := range targets {
		jobs = append(jobs, newJob(t, emit))
	}
	err = unpackAll(ctx, p, jobs)
	if isNoSpace(err) {
		return explainAll(targets, err)
	}
	return err
}

func makeTargets(p *pack, steps []step) ([]*target, error) {
	need := map[string]int64{}
	parts := make([]*part, 0, len(steps))
	for _, s := range steps {
		pt, err := p.part(s.Part)
		if err != nil {
			return nil, err
		}
		if !filepath.IsAbs(s.Dir) {
			return nil, fmt.Errorf("the directory %q of part %q is not absolute", s.Dir, s.Part)
		}
		dir, err := makeDir(s.Dir, s.Own)
		if err != nil {
			return nil, err
		}
		if s.Own {
			dir = filepath.Dir(dir)
		}
		removeLeftovers(dir)
		parts = append(parts, pt)
		need[dir] += neededBytes(pt)
	}
	for dir, bytes := range need {
		if err := requireSpace(dir, bytes); err != nil {
			return nil, err
		}
	}
	targets := make([]*target, 0, len(steps))
	for i, s := range steps {
		t, err := newTarget(parts[i], s.Dir, s.Own, s.UID, s.GID)
		if err != nil {
			return targets, err
		}
		targets = append(targets, t)
	}
	return targets, nil
}

func newJob(t *target, emit func(event)) *job {
	var mu sync.Mutex
	last := time.Now()
	return &job{
		part:  t.part,
		files: t.files,
		finish: func() error {
			return t.commit(func(files []recordFile) {
				emit(event{Event: "part", Part: t.part.Name, Size: t.part.Size, Files: files})
			})
		},
		progress: func(done int64) {
			mu.Lock()
			defer mu.Unlock()
			if time.Since(last) > progressPeriod {
				last = time.Now()
				emit(event{Event: "progress", Part: t.part.Name, Done: done, Size: t.part.Size})
			}
		},
	}
}

// explainAll says how many bytes are missing for all parts that are not there yet.
func explainAll(targets []*target, err error) error {
	var total *noSpace
	for _, t := range targets {
		if len(t.files) == 0 {
			continue
		}
		var n *noSpace
		if !errors.As(t.explain(err), &n) {
			continue
		}
		if total == nil {
			total = n
			continue
		}
		total.missing += n.missing
	}
	if total == nil {
		return err
	}
	return total
}

func errorEvent(err error) event {
	e := event{Event: "error", Code: "io", Message: err.Error()}
	var d *damage
	var n *noSpace
	switch {
	case errors.As(err, &d):
		e.Code, e.Part = "damaged", d.part
	case errors.As(err, &n):
		e.Code, e.Missing = "no-space", n.missing
	case errors.Is(err, context.Canceled):
		e.Code = "canceled"
	}
	return e
}
