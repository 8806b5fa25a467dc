// The Windows service: the service manager starts this file, which answers it, and the runtime does the work.
package main

import (
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/windows"
	"golang.org/x/sys/windows/svc"
	"golang.org/x/sys/windows/svc/eventlog"
)

type service struct {
	self  string
	args  []string
	event func(error)
}

// runService returns when the service has stopped. What goes wrong before the runtime keeps its log is in Windows' event log.
func runService(name, self string, args []string) (int, error) {
	s := &service{self: self, args: args, event: func(err error) { report(name, err) }}
	err := svc.Run(name, s)
	if errors.Is(err, windows.ERROR_FAILED_SERVICE_CONTROLLER_CONNECT) {
		return 1, fmt.Errorf("service=%s is for the service manager: k0s start starts the service", name)
	}
	if err != nil {
		return 1, fmt.Errorf("answer the service manager: %w", err)
	}
	return 0, nil
}

// report writes to the event log, as well as it can: there is nobody else to tell.
func report(name string, err error) {
	log, openErr := eventlog.Open(name)
	if openErr != nil {
		return
	}
	defer log.Close()
	_ = log.Error(1, err.Error())
}

const stopHint = 10 * time.Second

// Execute answers the service manager until the runtime has ended. Its end without a request is a failure, after which the
// manager starts the service again.
func (s *service) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (bool, uint32) {
	status <- svc.Status{State: svc.StartPending}
	ended := make(chan struct{})
	type result struct {
		code int
		err  error
	}
	done := make(chan result, 1)
	go func() {
		code, err := runRuntime(s.self, s.args, ended)
		done <- result{code, err}
	}()
	now := svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	status <- now
	stopping := false
	tick := time.NewTicker(stopHint / 4)
	defer tick.Stop()
	for {
		select {
		case r := <-done:
			if r.err != nil {
				s.event(r.err)
			}
			if stopping && r.err == nil {
				return false, 0
			}
			return true, uint32(max(1, r.code))
		case request := <-requests:
			switch request.Cmd {
			case svc.Interrogate:
				status <- now
			case svc.Stop, svc.Shutdown:
				if !stopping {
					stopping = true
					close(ended)
					now = svc.Status{State: svc.StopPending, WaitHint: uint32(stopHint.Milliseconds())}
				}
				status <- now
			}
		case <-tick.C:
			if stopping { // it still goes on
				now.CheckPoint++
				status <- now
			}
		}
	}
}
