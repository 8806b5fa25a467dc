// Unpacks parts: independent zstd frames are decoded, verified and written at their place by a few workers.
// At most maxWorkers frames are in memory, so the peak stays far below 100 MiB whatever the size of a part.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"

	"github.com/klauspost/compress/zstd"
)

const (
	maxWorkers = 2
	// What does not compress gets longer.
	maxStored = maxFrameSize + maxFrameSize/64
	// The page cache keeps in one piece what is written by one call, up to 2 MiB, and a program that touches one byte of such
	// a piece has all of it mapped. docs/adr/0102.
	maxWrite = 64 << 10
)

// job is a part with the open files that it is written to, in the order of part.Files.
type job struct {
	part     *part
	files    []*os.File
	left     atomic.Int64
	done     atomic.Int64
	finish   func() error
	progress func(done int64)
}

type task struct {
	job    *job
	frame  frame
	offset int64 // in the packed file
	start  int64 // in the raw bytes of the part
}

// unpackAll writes the parts in order: the first is complete first. finish of a job runs when its last frame is written.
func unpackAll(ctx context.Context, p *pack, jobs []*job) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	tasks := make(chan task)
	var workers, finishers sync.WaitGroup
	for _, j := range jobs {
		j.left.Store(int64(len(j.part.Frames)))
		if err := checkSizes(j.part); err != nil {
			return err
		}
	}
	for range min(maxWorkers, max(1, runtime.GOMAXPROCS(0))) {
		workers.Go(func() {
			if err := work(p, tasks, &finishers, cancel); err != nil {
				cancel(err)
				for range tasks { // let the feeder go on
				}
			}
		})
	}
	feed(ctx, jobs, tasks)
	workers.Wait()
	finishers.Wait()
	return context.Cause(ctx)
}

func feed(ctx context.Context, jobs []*job, tasks chan<- task) {
	defer close(tasks)
	for _, j := range jobs {
		offset, start := j.part.Offset, int64(0)
		for _, f := range j.part.Frames {
			if ctx.Err() != nil {
				return
			}
			tasks <- task{j, f, offset, start}
			offset += f.Stored
			start += f.Raw
		}
	}
}

func work(p *pack, tasks <-chan task, finishers *sync.WaitGroup, cancel context.CancelCauseFunc) error {
	decoder, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return err
	}
	defer decoder.Close()
	// Memory that nothing is written to is not taken; buffers that grow would leave the smaller ones behind.
	storedBuffer, rawBuffer := make([]byte, maxStored), make([]byte, maxFrameSize)
	for t := range tasks {
		name := t.job.part.Name
		if t.frame.Raw > maxFrameSize || t.frame.Stored > maxStored || t.frame.Raw < 0 || t.frame.Stored < 0 {
			return &damage{"index", fmt.Sprintf("a frame of part %q is too large", name)}
		}
		stored, raw := storedBuffer[:t.frame.Stored], rawBuffer[:t.frame.buffer()]
		if err := p.readFrame(name, t.offset, stored); err != nil {
			return err
		}
		out, err := t.decode(decoder, stored, raw)
		if err != nil {
			return &damage{name, fmt.Sprintf("at byte %d: %v", t.offset, err)}
		}
		sum := sha256.Sum256(out)
		if int64(len(out)) != t.frame.Raw || hex.EncodeToString(sum[:]) != t.frame.SHA256 {
			return &damage{name, fmt.Sprintf("at byte %d: its SHA-256 is not the one in the index", t.offset)}
		}
		if err := t.job.write(out, t.start); err != nil {
			return err
		}
		t.job.progress(t.job.done.Add(t.frame.Raw))
		if t.job.left.Add(-1) > 0 {
			continue
		}
		finishers.Go(func() {
			if err := t.job.finish(); err != nil {
				cancel(err)
			}
		})
	}
	return nil
}

// buffer is how many bytes the frame takes while it is unpacked: a formed one is there twice.
func (f *frame) buffer() int64 {
	if f.Form == "" {
		return f.Raw
	}
	return 2*f.Raw + formOverhead
}

// decode fills buf with the raw bytes of the frame.
func (t *task) decode(decoder *zstd.Decoder, stored, buf []byte) ([]byte, error) {
	if t.frame.Form == "" {
		out, err := decoder.DecodeAll(stored, buf[:0])
		if err == nil && t.job.part.Filter == filterX86 {
			unfilterX86(out)
		}
		return out, err
	}
	out := buf[:t.frame.Raw:t.frame.Raw]
	formed, err := decoder.DecodeAll(stored, buf[t.frame.Raw:t.frame.Raw])
	if err == nil {
		err = unform(t.frame.Form, formed, out)
	}
	return out, err
}

// write spreads raw bytes of the part over its files.
func (j *job) write(data []byte, start int64) error {
	at := int64(0)
	for i, f := range j.part.Files {
		from, to := max(start, at), min(start+int64(len(data)), at+f.Size)
		for ; from < to; from += maxWrite {
			end := min(from+maxWrite, to)
			if _, err := j.files[i].WriteAt(data[from-start:end-start], from-at); err != nil {
				return fmt.Errorf("unpack part %q: %w", j.part.Name, err)
			}
		}
		at += f.Size
	}
	return nil
}

// checkSizes makes sure that the frames of a part are exactly its files.
func checkSizes(p *part) error {
	var files, raw, stored int64
	for _, f := range p.Files {
		files += f.Size
	}
	for _, f := range p.Frames {
		raw += f.Raw
		stored += f.Stored
		if f.Form != "" && (f.Raw > maxFormed || f.Form != formPcTables && f.Form != formFunctions) {
			return &damage{"index", fmt.Sprintf("a frame of part %q has a form that is not known", p.Name)}
		}
	}
	if p.Filter != "" && p.Filter != filterX86 {
		return &damage{"index", fmt.Sprintf("part %q has the unknown filter %q", p.Name, p.Filter)}
	}
	if len(p.Frames) == 0 || files != raw || raw != p.Size || stored != p.Stored {
		return &damage{"index", fmt.Sprintf("the frames of part %q do not add up to its files", p.Name)}
	}
	return nil
}
