// Asks Windows' service manager, for the runtime: one request as JSON from standard input, one answer on standard output. The
// other end is src/host/windows-service/manager.ts. sc.exe would do the same, but answers in the language of the system.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/mgr"
)

type request struct {
	Op          string   `json:"op"` // install, uninstall, start, stop, query
	Name        string   `json:"name"`
	DisplayName string   `json:"displayName"`
	Description string   `json:"description"`
	Args        []string `json:"args"`
	Force       bool     `json:"force"`
	TimeoutMs   int64    `json:"timeoutMs"`
}

type answer struct {
	State   string `json:"state,omitempty"`
	PID     uint32 `json:"pid,omitempty"`
	Command string `json:"command,omitempty"`
	Changed bool   `json:"changed,omitempty"`
	Code    string `json:"code,omitempty"`
	Message string `json:"message,omitempty"`
}

func answerRequest(in io.Reader, out io.Writer) error {
	var r request
	if err := json.NewDecoder(in).Decode(&r); err != nil {
		return fmt.Errorf("read the request: %w", err)
	}
	a, err := r.answer()
	if err != nil {
		a = answer{Code: codeOf(err), Message: err.Error()}
	}
	return json.NewEncoder(out).Encode(a)
}

var errExists = errors.New("the service is installed already, with another command line")
var errTimeout = errors.New("the service manager did not do it in time")

func codeOf(err error) string {
	for code, is := range map[string]error{
		"not-installed": windows.ERROR_SERVICE_DOES_NOT_EXIST,
		"denied":        windows.ERROR_ACCESS_DENIED,
		"running":       windows.ERROR_SERVICE_ALREADY_RUNNING,
		"stopped":       windows.ERROR_SERVICE_NOT_ACTIVE,
		"being-deleted": windows.ERROR_SERVICE_MARKED_FOR_DELETE,
		"exists":        errExists,
		"timeout":       errTimeout,
	} {
		if errors.Is(err, is) {
			return code
		}
	}
	return "failed"
}

func (r request) answer() (answer, error) {
	switch r.Op {
	case "install":
		return r.install()
	case "query":
		return r.query()
	}
	m, s, err := r.open(windows.SC_MANAGER_CONNECT, windows.SERVICE_ALL_ACCESS)
	if err != nil {
		return answer{}, err
	}
	defer m.Disconnect()
	defer s.Close()
	switch r.Op {
	case "uninstall":
		return answer{}, r.uninstall(m, s)
	case "start":
		if err := s.Start(); err != nil {
			return answer{}, err
		}
		return stateOf(s)
	case "stop":
		if err := r.stop(s); err != nil {
			return answer{}, err
		}
		return stateOf(s)
	}
	return answer{}, fmt.Errorf("no request is called %q", r.Op)
}

// open asks for no more rights than it needs: everybody may ask how a service is.
func (r request) open(manager, access uint32) (*mgr.Mgr, *mgr.Service, error) {
	handle, err := windows.OpenSCManager(nil, nil, manager)
	if err != nil {
		return nil, nil, err
	}
	m := &mgr.Mgr{Handle: handle}
	name, err := syscall.UTF16PtrFromString(r.Name)
	if err != nil {
		return nil, nil, errors.Join(err, m.Disconnect())
	}
	s, err := windows.OpenService(handle, name, access)
	if err != nil {
		_ = m.Disconnect()
		return nil, nil, err
	}
	return m, &mgr.Service{Name: r.Name, Handle: s}, nil
}

// commandLine is what the service manager starts, quoted as Windows splits it again.
func (r request) commandLine(self string) string {
	words := append([]string{self, "service=" + r.Name}, r.Args...)
	for i, word := range words {
		words[i] = syscall.EscapeArg(word)
	}
	return strings.Join(words, " ")
}

func (r request) install() (answer, error) {
	self, err := os.Executable()
	if err != nil {
		return answer{}, err
	}
	wanted := mgr.Config{
		ServiceType:      windows.SERVICE_WIN32_OWN_PROCESS,
		StartType:        mgr.StartAutomatic,
		ErrorControl:     mgr.ErrorNormal,
		DisplayName:      r.DisplayName,
		Description:      r.Description,
		BinaryPathName:   r.commandLine(self),
		ServiceStartName: "LocalSystem",
	}
	m, err := mgr.Connect()
	if err != nil {
		return answer{}, err
	}
	defer m.Disconnect()
	s, err := m.OpenService(r.Name)
	changed := false
	switch {
	case errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST):
		s, err = m.CreateService(r.Name, self, wanted, append([]string{"service=" + r.Name}, r.Args...)...)
		if err != nil {
			return answer{}, err
		}
	case err != nil:
		return answer{}, err
	default:
		if changed, err = r.change(s, wanted.BinaryPathName); err != nil {
			_ = s.Close()
			return answer{}, err
		}
	}
	defer s.Close()
	a, err := stateOf(s)
	a.Changed = changed
	if err := startAgain(s); err != nil {
		a.Message = fmt.Sprintf("the service manager will not start it again when it fails: %v", err)
	}
	return a, err
}

// startAgain has a service that ends by itself started again, also when it says with which code it failed.
func startAgain(s *mgr.Service) error {
	again := []mgr.RecoveryAction{{Type: mgr.ServiceRestart, Delay: 5 * time.Second}}
	if err := s.SetRecoveryActions(again, 24*60*60); err != nil {
		return err
	}
	return s.SetRecoveryActionsOnNonCrashFailures(true)
}

// change gives a service that is there the command line that is wanted; another's only by force.
func (r request) change(s *mgr.Service, wanted string) (bool, error) {
	present, err := commandOf(s)
	if err != nil {
		return false, err
	}
	if present == wanted {
		return false, nil
	}
	if !r.Force {
		return false, fmt.Errorf("%w: %s", errExists, present)
	}
	path, err := syscall.UTF16PtrFromString(wanted)
	if err != nil {
		return false, err
	}
	const same = windows.SERVICE_NO_CHANGE
	return true, windows.ChangeServiceConfig(s.Handle, same, same, same, path, nil, nil, nil, nil, nil, nil)
}

// commandOf is the command line of a service. The library's own way asks for much more, not all of which everything has that
// runs programs of Windows.
func commandOf(s *mgr.Service) (string, error) {
	b := make([]byte, 8192) // the most that there can be
	config := (*windows.QUERY_SERVICE_CONFIG)(unsafe.Pointer(&b[0]))
	needed := uint32(0)
	if err := windows.QueryServiceConfig(s.Handle, config, uint32(len(b)), &needed); err != nil {
		return "", err
	}
	return windows.UTF16PtrToString(config.BinaryPathName), nil
}

func (r request) query() (answer, error) {
	m, s, err := r.open(windows.SC_MANAGER_CONNECT, windows.SERVICE_QUERY_STATUS|windows.SERVICE_QUERY_CONFIG)
	if err != nil {
		return answer{}, err
	}
	defer m.Disconnect()
	defer s.Close()
	a, err := stateOf(s)
	if err != nil {
		return answer{}, err
	}
	a.Command, err = commandOf(s)
	return a, err
}

var stateNames = map[svc.State]string{
	svc.Stopped:      "stopped",
	svc.StartPending: "starting",
	svc.StopPending:  "stopping",
	svc.Running:      "running",
}

func stateOf(s *mgr.Service) (answer, error) {
	status, err := s.Query()
	if err != nil {
		return answer{}, err
	}
	name, known := stateNames[status.State]
	if !known {
		name = fmt.Sprintf("state %d", status.State)
	}
	return answer{State: name, PID: status.ProcessId}, nil
}

const lookEvery = 100 * time.Millisecond

// until asks now and then, until the time of the request is over.
func (r request) until(done func() (bool, error)) error {
	deadline := time.Now().Add(time.Duration(r.TimeoutMs) * time.Millisecond)
	for {
		if is, err := done(); is || err != nil {
			return err
		}
		if time.Now().After(deadline) {
			return errTimeout
		}
		time.Sleep(lookEvery)
	}
}

func (r request) stop(s *mgr.Service) error {
	status, err := s.Query()
	if err != nil {
		return err
	}
	if status.State == svc.Stopped {
		return windows.ERROR_SERVICE_NOT_ACTIVE
	}
	if status.State != svc.StopPending {
		if _, err := s.Control(svc.Stop); err != nil {
			return err
		}
	}
	return r.until(func() (bool, error) {
		status, err := s.Query()
		return status.State == svc.Stopped, err
	})
}

// uninstall ends the service, and returns when its name is free: others may hold it open for a while.
func (r request) uninstall(m *mgr.Mgr, s *mgr.Service) error {
	if err := r.stop(s); err != nil && !errors.Is(err, windows.ERROR_SERVICE_NOT_ACTIVE) {
		return err
	}
	if err := s.Delete(); err != nil {
		return err
	}
	if err := s.Close(); err != nil {
		return err
	}
	return r.until(func() (bool, error) {
		other, err := m.OpenService(r.Name)
		if errors.Is(err, windows.ERROR_SERVICE_DOES_NOT_EXIST) {
			return true, nil
		}
		if err != nil {
			return false, err
		}
		return false, other.Close()
	})
}
