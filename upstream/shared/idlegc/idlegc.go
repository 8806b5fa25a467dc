// Package idlegc makes a process keep less garbage while it is idle. Go lets the heap grow to twice what is live before
// it collects; a process that allocates little needs minutes for that, and holds the memory all the time. Collecting
// earlier costs it next to nothing. Under load it would cost, so Go's own percentage comes back with the load.
// It also lets go of the pages of its own file that only its start, or a load, has needed.
package idlegc

import (
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"time"
)

const interval = 10 * time.Second

// Start is called first in main; it returns at once. K0S_IDLE_GC=off, GOGC and GOMEMLIMIT make it do nothing.
func Start() {
	if percent, on := setting(os.Getenv); on {
		go watch(percent)
	}
}

func watch(percent int) {
	var (
		now       mode
		settled   bool
		isOurs    = true // until the program chooses a percentage of its own
		last      = allocated()
		lastAt    = time.Now()
		ticker    = time.NewTicker(interval)
		collected = make(chan struct{}, 1)
	)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
		case <-collected:
			if now.idle {
				tellCollection(collected)
			}
		}
		total, at := allocated(), time.Now()
		next := now.after(total-last, at.Sub(lastAt))
		last, lastAt = total, at
		switch {
		case next.idle && !now.idle:
			isOurs = isOurs && replace(busyPercent, percent)
			if !settled {
				// What the start has needed goes back to the system, once; later the runtime does that by and by.
				settled = true
				debug.FreeOSMemory()
			}
			dropFilePages()
			tellCollection(collected)
		case now.idle && !next.idle:
			isOurs = isOurs && replace(percent, busyPercent)
		}
		now = next
	}
}

// replace sets another percentage, unless the program has chosen one of its own meanwhile, which it keeps.
func replace(from, to int) bool {
	if own := debug.SetGCPercent(to); own != from {
		debug.SetGCPercent(own)
		return false
	}
	return true
}

// allocated is how many bytes of the heap were ever allocated; reading it stops nothing.
func allocated() uint64 {
	sample := []metrics.Sample{{Name: "/gc/heap/allocs:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}

// tellCollection sends once, after the next collection: the first sign of a load, long before the next look. While a
// process is idle only, when there are few.
func tellCollection(collected chan<- struct{}) {
	type sentinel struct{ self *sentinel }
	runtime.SetFinalizer(&sentinel{}, func(*sentinel) {
		select {
		case collected <- struct{}{}:
		default:
		}
	})
}
