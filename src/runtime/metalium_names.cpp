#include "tilewright/runtime/metalium_names.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>

#include "tilewright/base/error.hpp"

namespace tilewright {
namespace {

bool starts_identifier(char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '_';
}
bool continues_identifier(char c) {
    return starts_identifier(c) || std::isdigit(static_cast<unsigned char>(c)) != 0;
}

/// A namespace of constants. Nothing if there are none.
class Namespace {
public:
    explicit Namespace(std::string name) : name_(std::move(name)) {}

    void add(const std::string& type, const std::string& name, const std::string& value) {
        const bool proper = !name.empty() && starts_identifier(name.front()) &&
                            std::ranges::all_of(name, continues_identifier);
        if (!proper) {
            throw ArgumentError("the name \"" + name + "\" in " + name_ +
                                "::; expected an identifier of C++");
        }
        if (!known_.insert(name).second) {
            throw ArgumentError("two of a kernel's names are " + name_ + "::" + name +
                                "; expected one");
        }
        text_ += "constexpr " + type + " " + name + "{" + value + "};";
    }
    void add_text(const std::string& text) { text_ += text; }
    std::string str() const {
        return text_.empty() ? "" : "namespace " + name_ + "{" + text_ + "}";
    }

private:
    std::string name_;
    std::string text_;
    std::set<std::string> known_;
};

std::string number(std::size_t value) {
    return std::to_string(value) + "u";
}

Namespace arguments(const MetaliumNames& names,
                    const std::map<std::string, std::uint32_t>& compile_args) {
    Namespace args("args");
    for (std::size_t i = 0; i < names.arguments.size(); ++i) {
        args.add("::experimental::RtaArg<std::uint32_t>", names.arguments[i], number(4 * i));
    }
    for (std::size_t i = 0; i < names.common_arguments.size(); ++i) {
        args.add("::experimental::CrtaArg<std::uint32_t>", names.common_arguments[i],
                 number(4 * i));
    }
    for (const auto& [name, value] : compile_args) {
        args.add("::experimental::CtaVal<std::uint32_t>", name, number(value));
    }
    return args;
}

Namespace tensors(const MetaliumNames& names) {
    Namespace space("tensor");
    std::size_t word = names.common_arguments.size();
    std::string choice;
    for (const MetaliumTensorName& tensor : names.tensors) {
        const std::string type = tensor.name + "_t";
        space.add_text("using " + type + "=::tensor_accessor::TensorBindingToken<" +
                       number(tensor.compile_word) + "," + number(4 * word++) + ">;");
        space.add(type, tensor.name, "");
        choice += "if constexpr(name==\"" + tensor.name + "\")return &" + tensor.name + ";else ";
    }
    space.add_text(
        "template<::tilewright::metalium::Name name>consteval auto "
        "get_token_if_present(){" +
        choice +
        "return static_cast<const ::tensor_accessor::NullTensorBindingToken*>"
        "(nullptr);}");
    return space;
}

// --- The function that is the body ---------------------------------------------------------------

std::string without_comments(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size();) {
        const std::string_view rest = text.substr(i);
        if (rest.starts_with("//")) {
            i += std::min(rest.find('\n'), rest.size());
        } else if (rest.starts_with("/*")) {
            const std::size_t end = rest.find("*/", 2);
            i += end == std::string_view::npos ? rest.size() : end + 2;
            result += ' ';
        } else {
            result += text[i++];
        }
    }
    return result;
}

std::string_view trimmed(std::string_view text) {
    constexpr std::string_view blanks = " \t\r\n";
    const std::size_t first = text.find_first_not_of(blanks);
    if (first == std::string_view::npos) return {};
    return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

struct Parameter {
    std::string type;
    std::string name;
};

/// `std::uint32_t x, bool y = false`, by their types and names.
std::vector<Parameter> parameters(std::string_view list) {
    std::vector<Parameter> result;
    while (!trimmed(list).empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        std::string_view one = list.substr(0, comma);
        list.remove_prefix(std::min(comma + 1, list.size()));
        one = trimmed(one.substr(0, std::min(one.find('='), one.size())));
        std::size_t start = one.size();
        while (start > 0 && continues_identifier(one[start - 1])) --start;
        result.push_back(
            {std::string(trimmed(one.substr(0, start))), std::string(one.substr(start))});
    }
    return result;
}

/// Where a whole word stands in a text.
std::optional<std::size_t> find_word(std::string_view text, std::string_view word) {
    for (std::size_t at = text.find(word); at != std::string_view::npos;
         at = text.find(word, at + 1)) {
        const bool starts = at == 0 || !continues_identifier(text[at - 1]);
        const std::size_t end = at + word.size();
        if (starts && (end == text.size() || !continues_identifier(text[end]))) return at;
    }
    return std::nullopt;
}

/// What stands between angle brackets at the end of a text, behind `template`.
std::string_view template_list(std::string_view before) {
    before = trimmed(before);
    if (before.empty() || before.back() != '>') return {};
    const std::size_t start = before.rfind("template");
    if (start == std::string_view::npos) return {};
    const std::size_t open = before.find('<', start);
    if (open == std::string_view::npos) return {};
    return before.substr(open + 1, before.size() - open - 2);
}

}  // namespace

std::string declare_metalium_names(const MetaliumNames& names,
                                   const std::map<std::string, std::uint32_t>& compile_args) {
    Namespace dfb("dfb");
    for (const auto& [name, index] : names.dataflow_buffers) {
        dfb.add("DFBBindingToken<>", name, std::to_string(index));
    }
    Namespace sem("sem");
    for (const auto& [name, id] : names.semaphores) {
        sem.add("SemaphoreBindingToken", name, number(id));
    }
    Namespace scratch("scratch");
    std::size_t word = names.common_arguments.size() + names.tensors.size();
    for (const MetaliumScratchpadName& pad : names.scratchpads) {
        scratch.add("ScratchpadBindingToken", pad.name, number(word++) + "," + number(pad.bytes));
    }
    return arguments(names, compile_args).str() + dfb.str() + sem.str() + tensors(names).str() +
           scratch.str();
}

std::string metalium_entry_point(std::string_view source, const MetaliumNames& names,
                                 const std::map<std::string, std::uint32_t>& compile_args) {
    const std::string text = without_comments(source);
    const auto mark = find_word(text, "TT_KERNEL");
    if (!mark) return {};
    const std::string_view before = std::string_view(text).substr(0, *mark);
    std::string_view after = trimmed(std::string_view(text).substr(*mark + 9));
    const std::size_t open = after.find('('), close = after.find(')');
    if (!after.starts_with("void") || open == std::string_view::npos || close < open) {
        throw ArgumentError(
            "TT_KERNEL is followed by no function; expected one such as "
            "`TT_KERNEL void kernel(std::uint32_t x)`");
    }
    const auto known = [&](const std::string& name) {
        return std::ranges::find(names.arguments, name) != names.arguments.end() ||
               std::ranges::find(names.common_arguments, name) != names.common_arguments.end() ||
               compile_args.contains(name);
    };
    const auto values = [&](std::string_view list) {
        std::string result;
        for (const Parameter& parameter : parameters(list)) {
            if (!known(parameter.name)) {
                throw ArgumentError("the kernel's parameter " + parameter.name +
                                    " has the name of none of its arguments");
            }
            result += (result.empty() ? "" : ",") + ("static_cast<" + parameter.type) +
                      ">(get_arg(args::" + parameter.name + "))";
        }
        return result;
    };
    const std::string constants = values(template_list(before));
    return "void kernel_main(){" + std::string(trimmed(after.substr(4, open - 4))) +
           (constants.empty() ? "" : "<" + constants + ">") + "(" +
           values(after.substr(open + 1, close - open - 1)) + ");}\n";
}

}  // namespace tilewright
