// The edges of a graph with parts that are repeated or left out: through the ends of the parts.
#pragma once

#include <span>
#include <vector>

#include "tilewright/graph/graph.hpp"

namespace tilewright::detail {

/// What orders the tasks, so that parts are entered and left through their ends as far as possible:
/// an inferred edge into a part leads to its first task and one out of it comes from its last, and
/// a said one that a path through that end implies is left out. Others stay as they are
/// (check_control_flow() refuses them), and so does all of a graph with a cycle.
TaskLists through_part_ends(std::size_t tasks, std::span<const Edge> said,
                            std::span<const Edge> inferred,
                            std::span<const ControlEdge> control_edges);

}  // namespace tilewright::detail
