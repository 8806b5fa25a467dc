package idlegc

import "time"

const (
	// From so many bytes a second on a process is busy: collections are then frequent enough to cost processor time.
	busyRate = 6 << 20
	// Below it a process is quiet. What lies between changes nothing: a rate near one limit does not flap.
	quietRate = 3 << 20
	// So many quiet looks in a row, and a process is idle.
	quietLooks = 3
	// A shorter look is taken for one of this length: a single large answer is not a load.
	shortestLook = 2 * time.Second
)

// mode is what has been decided, and the looks on which the next decision rests. A process begins busy: its start is.
type mode struct {
	idle bool
	// Quiet looks in a row.
	quiet int
}

// after is the mode after so many bytes were allocated in a time.
func (m mode) after(allocated uint64, elapsed time.Duration) mode {
	rate := float64(allocated) / max(elapsed, shortestLook).Seconds()
	switch {
	case rate >= busyRate:
		return mode{}
	case rate >= quietRate:
		return mode{idle: m.idle}
	case m.quiet+1 < quietLooks:
		return mode{idle: m.idle, quiet: m.quiet + 1}
	default:
		return mode{idle: true, quiet: quietLooks - 1}
	}
}
