// Functions of the vector unit are written for the vendor's compiler. Headers of the other units
// include this, and name a mode of SFPLOADI from it in a function that is not called here.
#pragma once

namespace sfpi {
inline constexpr unsigned SFPLOADI_MOD0_FLOATB = 0;
}
