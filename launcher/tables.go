// Puts the tables of Go programs back: build/pack/go-pc-tables.ts and go-functions.ts have put together what is alike in them.
// A first start waits for it: what is random in the tables is decided without branches, where that is possible.
package main

import (
	"encoding/binary"
	"errors"
)

const (
	formPcTables  = "go-pc-tables"
	formFunctions = "go-functions"
	// What a form adds at most.
	formOverhead = 16
	maxFormed    = maxFrameSize/2 - formOverhead
)

var errForm = errors.New("a table of a Go program does not have the size that it says")

// unform writes to out what formed was made of.
func unform(form string, formed, out []byte) error {
	if form == formPcTables {
		return joinPcTables(formed, out)
	}
	return joinFunctions(formed, out)
}

func joinPcTables(formed, out []byte) error {
	if len(formed) != len(out)+4 || int64(wordAt(formed, 0)) > int64(len(out)) {
		return errForm
	}
	size := int(wordAt(formed, 0))
	values, distances := formed[4:4+size], formed[4+size:]
	at, first := 0, true
	for len(values) > 0 && at < len(out) {
		if len(values) >= 4 && len(distances) >= 4 && at+8 <= len(out) {
			if v, d := wordAt(values, 0), wordAt(distances, 0); areSmall(v, d) {
				binary.LittleEndian.PutUint64(out[at:], spread(v)|spread(d)<<8)
				values, distances, at, first = values[4:], distances[4:], at+8, false
				continue
			}
		}
		ends := values[0] == 0 && !first
		n := copyNumber(out[at:], values)
		values, at, first = values[n:], at+n, ends
		if !ends {
			n = copyNumber(out[at:], distances)
			distances, at = distances[n:], at+n
		}
	}
	if at < len(out) {
		return errForm
	}
	return nil
}

const (
	ones     = 0x01010101
	topBits  = 0x80808080
	evenByte = 0x00ff00ff00ff00ff
)

// areSmall tells that four pairs are numbers of one byte, and that no table ends within them.
func areSmall(values, distances uint32) bool {
	return ((values-ones)|values|distances)&topBits == 0
}

// spread puts the four bytes at every second place of eight.
func spread(word uint32) uint64 {
	wide := uint64(word)
	wide = (wide | wide<<16) & 0x0000ffff0000ffff
	return (wide | wide<<8) & evenByte
}

// copyNumber copies one number, as far as it is there and has room: its bytes but the last have the top bit.
func copyNumber(to, from []byte) int {
	for i := range min(len(to), len(from)) {
		to[i] = from[i]
		if from[i] < 0x80 {
			return i + 1
		}
	}
	return min(len(to), len(from))
}

// Where runtime._func has what is asked for here, in words.
const (
	fixedWords  = 11
	lastWritten = 2
	mostWords   = 16
	known       = 1 << 31
)

// joinFunctions reads the columns in the order in which they were written.
func joinFunctions(formed, out []byte) error {
	if len(formed) < 8 {
		return errForm
	}
	pairs, records := int(wordAt(formed, 0)), int(wordAt(formed, 4))
	if pairs > len(out)/8 || records > len(out)/(4*fixedWords) {
		return errForm
	}
	next, at := 8, 0
	column := func(count int) int {
		start := next
		next += 4 * count
		return start
	}
	if pairs > 0 {
		entries, offsets, end := column(pairs), column(pairs), column(1)
		at = 8*pairs + 8
		if next > len(formed) || at > len(out) {
			return errForm
		}
		joinPlanes(formed[entries:], pairs, out)
		joinPlanes(formed[offsets:], pairs, out[4:])
		putWord(out, 8*pairs, wordAt(formed, end))
		putWord(out, 8*pairs+4, 0)
	}
	pcCounts, flags := column(records), column(records)
	arguments, deferReturn, unit := column(records), column(records), column(records)
	entries, names, lines := column(records), column(records), column(records)
	pcFrames, pcFiles, pcLines := column(records), column(records), column(records)
	if next > len(formed) {
		return errForm
	}
	pcData, funcData, bytes := countWords(formed[pcCounts:flags], formed[flags:arguments])
	if bytes != len(out)-at {
		return errForm
	}
	for i, count := range pcData {
		pcData[i] = column(count)
	}
	for i, count := range funcData {
		funcData[i] = column(count)
	}
	if next != len(formed) {
		return errForm
	}
	var entry, name, line, furthest uint32
	var furthestData [mostWords]uint32
	for record := range records {
		i := 4 * record
		entry += planeAt(formed[entries+record:], records)
		name += planeAt(formed[names+record:], records)
		line += planeAt(formed[lines+record:], records)
		pcCount, flag := wordAt(formed, pcCounts+i), wordAt(formed, flags+i)
		fixed := out[at : at+4*fixedWords]
		putWord(fixed, 0, entry)
		putWord(fixed, 4, name)
		putWord(fixed, 8, wordAt(formed, arguments+i))
		putWord(fixed, 12, wordAt(formed, deferReturn+i))
		putWord(fixed, 16, reference(wordAt(formed, pcFrames+i), &furthest))
		putWord(fixed, 20, reference(wordAt(formed, pcFiles+i), &furthest))
		putWord(fixed, 24, reference(wordAt(formed, pcLines+i), &furthest))
		putWord(fixed, 28, pcCount)
		putWord(fixed, 32, wordAt(formed, unit+i))
		putWord(fixed, 36, line)
		putWord(fixed, 40, flag)
		at += 4 * fixedWords
		for k := range int(pcCount) {
			if k != lastWritten {
				putWord(out, at+4*k, reference(wordAt(formed, pcData[k]), &furthest))
				pcData[k] += 4
			}
		}
		if pcCount > lastWritten {
			putWord(out, at+4*lastWritten, reference(wordAt(formed, pcData[lastWritten]), &furthest))
			pcData[lastWritten] += 4
		}
		at += 4 * int(pcCount)
		for k := range int(flag >> 24) {
			putWord(out, at, reference(wordAt(formed, funcData[k]), &furthestData[k]))
			funcData[k] += 4
			at += 4
		}
		if at%8 != 0 {
			putWord(out, at, 0)
			at += 4
		}
	}
	return nil
}

// countWords tells how many records have each of the words that not every record has, and how many bytes all records take.
func countWords(pcCounts, flags []byte) (pcData, funcData [mostWords]int, bytes int) {
	for at := 0; at < len(pcCounts); at += 4 {
		pc, data := wordAt(pcCounts, at), int(flags[at+3])
		if pc > mostWords || data > mostWords {
			return pcData, funcData, -1
		}
		for i := range int(pc) {
			pcData[i]++
		}
		for i := range data {
			funcData[i]++
		}
		bytes += (4*(fixedWords+int(pc)+data) + 7) / 8 * 8
	}
	return pcData, funcData, bytes
}

// reference undoes a reference: 0 is none, with the top bit it is the place itself, else how far it is beyond the furthest one.
func reference(value uint32, furthest *uint32) uint32 {
	isKnown := uint32(int32(value) >> 31)
	isNone := uint32((uint64(value) - 1) >> 32)
	*furthest += value &^ isKnown
	return value&isKnown&(known-1) | *furthest&^isKnown | isNone
}

// joinPlanes writes a column of differences to every second word.
func joinPlanes(planes []byte, count int, out []byte) {
	sum := uint32(0)
	for i := range count {
		sum += planeAt(planes[i:], count)
		putWord(out, 8*i, sum)
	}
}

// planeAt reads a number whose bytes lie count apart.
func planeAt(planes []byte, count int) uint32 {
	return uint32(planes[0]) | uint32(planes[count])<<8 | uint32(planes[2*count])<<16 | uint32(planes[3*count])<<24
}

func wordAt(data []byte, at int) uint32 { return binary.LittleEndian.Uint32(data[at:]) }

func putWord(data []byte, at int, word uint32) { binary.LittleEndian.PutUint32(data[at:], word) }
