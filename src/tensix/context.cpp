#include "tensix/context.hpp"

#include "tilewright/base/text.hpp"

namespace tilewright::tensix {

void Context::refuse_address(std::uint64_t address, std::uint64_t size) const {
    throw TensixFault(std::to_string(size) + " bytes of L1 at " + hex(address) + ": it ends at " +
                      hex(l1.bytes.size()));
}

void refuse(std::string_view mnemonic, const std::string& why) {
    throw TensixFault(std::string(mnemonic) + ": " + why);
}

}  // namespace tilewright::tensix
