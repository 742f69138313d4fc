// What the kernel says about this machine and our processes on it.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace accord::bench {

// CPU time of a process, its threads and the kernel on its behalf; in steps of 10 ms.
// Zero for pid 0.
absl::Duration CpuTime(pid_t pid);

// Memory of a process that is in RAM, in MiB.
absl::StatusOr<double> ResidentMib(pid_t pid);

// "cores", "cpu", "memory", "kernel", "date".
std::map<std::string, std::string> MachineLabels();

}  // namespace accord::bench
