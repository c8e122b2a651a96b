// Parts of a graph that the device repeats or leaves out by itself.
//
// A control-flow edge leads from one task to another: when the first has ended and the edge is
// taken, the run goes on with the other instead of with what follows. An edge may lead past the
// part between two tasks F and L, or back to its beginning, if the part is entered through F and
// left through L alone. Then all that is in it has ended, or has not begun, when the edge is taken,
// and the counts of what each task waits for stand as they did at the start: nothing has to be set
// back.
//
// Where what tasks touch orders one outside before, or after, one inside, Graph::successors() has
// it before F, or after L. An edge that was said and passes F or L by is left out there if a path
// through F or L implies it.
#pragma once

#include <span>
#include <vector>

#include "tilewright/base/export.hpp"
#include "tilewright/graph/graph.hpp"
#include "tilewright/graph/graph_error.hpp"

namespace tilewright {

/// Checks the part of every control-flow edge of a graph without cycles. GraphError, with the tasks
/// by name, for a part that is entered or left elsewhere, and for an edge that leads out of a part
/// in which it begins. Returns the tasks that may be left out, ascending. Linear in the parts and
/// what follows them.
TILEWRIGHT_API std::vector<TaskId> check_control_flow(const Graph& graph);

}  // namespace tilewright
