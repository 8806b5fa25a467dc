package idlegc

import "strconv"

const (
	variable = "K0S_IDLE_GC"
	// Less than half of what Go keeps by default.
	defaultPercent = 40
	// What Go keeps by default.
	busyPercent = 100
)

// setting is how much garbage an idle process keeps, in percent of what is live, and whether that is decided here at
// all: whoever has set Go's own variables has decided.
func setting(env func(string) string) (percent int, on bool) {
	if env("GOGC") != "" || env("GOMEMLIMIT") != "" {
		return 0, false
	}
	text := env(variable)
	if text == "" {
		return defaultPercent, true
	}
	percent, err := strconv.Atoi(text)
	// "off", and what is not understood: what Go does by itself is never wrong.
	if err != nil || percent < 10 || percent >= busyPercent {
		return 0, false
	}
	return percent, true
}
