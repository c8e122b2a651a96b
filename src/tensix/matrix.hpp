// Instructions of the matrix unit that compute.
#pragma once

#include "tensix/context.hpp"

namespace tilewright::tensix {

/// Rows of Dst that an instruction works on, and where those of SrcA and SrcB begin that it takes.
struct MatrixRows {
    unsigned dst, count, a, b;
};
/// Of a matmul, which has 16 rows of SrcA; TensixFault if there are fewer.
MatrixRows rows_of_matmul(const Context& context, std::string_view mnemonic, unsigned rows,
                          std::uint32_t dst);
/// Of an instruction that goes element by element.
MatrixRows rows_of_elements(const Context& context, std::uint32_t dst, bool one_row_of_b);

void execute(const Context& context, const op::mvmul& i);
void execute(const Context& context, const op::gapool& i);
void execute(const Context& context, const op::elwmul& i);
void execute(const Context& context, const op::elwadd& i);
void execute(const Context& context, const op::elwsub& i);
void execute(const Context& context, const op::gmpool& i);

}  // namespace tilewright::tensix
