// Parts of a graph that the device repeats or leaves out by itself.
//
// A jump sits on a task: when that has ended and the jump is taken, the run goes on with one other
// task instead of with what follows. A part between two tasks F and L can be jumped over, or back
// to its beginning, if it is entered through F and left through L alone. Then all that is in it has
// ended, or has not begun, when a jump is taken, and the counts of what each task waits for stand
// as they did at the start: nothing has to be set back.
//
// Where what tasks touch orders one outside before, or after, one inside, Graph::successors() has
// it before F, or after L. An edge that was said and passes F or L by is left out there if a path
// through F or L implies it.
#pragma once

#include <span>
#include <vector>

#include "tilewright/graph/graph.hpp"
#include "tilewright/graph/graph_error.hpp"

namespace tilewright {

/// Checks the part of every jump of a graph without cycles. GraphError, with the tasks by name, for
/// a part that is entered or left elsewhere, and for a jump that leads out of a part it lies in.
/// Returns the tasks that may be left out, ascending. Linear in the parts and what follows them.
std::vector<TaskId> check_jumps(const Graph& graph);

}  // namespace tilewright
