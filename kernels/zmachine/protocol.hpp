// What the host and the Z-machine kernel share: one area of L1 that holds all of a running game.
//
// Freestanding, plain structs of fixed layout; little-endian like the cores that use it. The host
// copies the area out to save a game and in to go on with it, on any tile. `tilewright.zmachine`
// (Python) reads the fields by the offsets asserted at the end of this file.
#pragma once

#include <cstddef>
#include <cstdint>

namespace tilewright::zmachine {

inline constexpr std::uint32_t protocol_magic = 0x4D5A'5754;  ///< "TWZM"
inline constexpr std::uint32_t protocol_version = 3;

inline constexpr std::uint32_t max_story_bytes = 512 * 1024;  ///< the largest story, of version 8
inline constexpr std::uint32_t guard_bytes = 4096;  ///< zeros after the story, see Machine
inline constexpr std::uint32_t stack_words = 32 * 1024;
inline constexpr std::uint32_t max_frames = 2048;
inline constexpr std::uint32_t max_locals = 15;
inline constexpr std::uint32_t undo_bytes = 147584;  ///< room of the levels of undo
inline constexpr std::uint32_t max_input = 255;
inline constexpr std::uint32_t max_redirections = 16;  ///< nesting of output stream 3
inline constexpr std::uint32_t output_bytes = 64 * 1024;
/// A batch ends early once this much text waits, so that any one instruction still finds room.
inline constexpr std::uint32_t output_high_water = 16 * 1024;
inline constexpr std::uint32_t max_events = 8 * 1024;
inline constexpr std::uint32_t events_high_water = 2 * 1024;  ///< likewise

/// `instructions` of a batch that is to run to the next prompt.
inline constexpr std::uint32_t run_to_prompt = 0xFFFF'FFFF;

/// Why a batch stopped.
enum class Status : std::uint32_t {
    fresh = 0,             ///< no story yet: the next batch loads it
    ready = 1,             ///< the instructions asked for have been executed
    waiting_for_line = 2,  ///< a read finds no line: pc stays at it, see Control::read_counted
    waiting_for_key = 3,   ///< likewise, for a single key
    output_full = 4,       ///< stopped early so that the host can take the text; just go on
    finished = 5,          ///< the story has ended
    error = 6,             ///< see Control::error; only a restored game goes on
    saving = 7,            ///< the story asks to be saved: the host may set Control::answer
    restoring = 8,         ///< likewise, to be restored
};

enum class Error : std::uint32_t {
    none = 0,
    story_too_short = 1,      ///< fewer bytes than a header, or than the header says
    story_too_long = 2,       ///< more than max_story_bytes
    unsupported_version = 3,  ///< Control::version says which
    damaged_header = 4,       ///< a table lies outside the story
    illegal_opcode = 5,
    stack_overflow = 6,
    stack_underflow = 7,
    call_outside_story = 8,
    call_of_no_routine = 9,  ///< more than 15 local variables
    jump_outside_story = 10,
    division_by_zero = 11,
    illegal_object = 12,
    illegal_attribute = 13,
    no_such_property = 14,
    store_outside_dynamic = 15,  ///< only dynamic memory may be written
    text_outside_story = 16,
    redirection_too_deep = 17,
    bad_stack_frame = 18,      ///< `throw` to a frame that is gone, or return from the main routine
    object_tree_damaged = 19,  ///< siblings that go round in a circle
    load_outside_story = 20,
    object_zero = 21,  ///< only if Control::strict; else it is worth a warning
};

/// One call: what its caller needs when it returns.
struct Frame {
    std::uint32_t pc;  ///< of the caller: at the byte that names the result's variable, or past it
    std::uint16_t locals;      ///< of the caller: index of its first local in the stack
    std::uint8_t local_count;  ///< of the caller
    std::uint8_t call;         ///< of the callee: argument count and the bits below
};
inline constexpr std::uint8_t discard_result = 0x80;
inline constexpr std::uint8_t interrupt_call = 0x40;  ///< by a read whose time has passed
inline constexpr std::uint8_t argument_mask = 0x0F;

/// Offsets and counts are in bytes unless they say otherwise; addresses are the story's own.
struct Control {
    std::uint32_t magic;
    std::uint32_t layout;
    std::uint32_t area_bytes;  ///< size of this whole area
    Status status;
    Error error;
    std::uint32_t error_pc;      ///< the instruction that failed
    std::uint32_t error_opcode;  ///< its first byte
    std::uint32_t version;       ///< of the story
    std::uint64_t instructions;  ///< executed since the game began; a read counts when it is met
    std::uint32_t story_bytes;   ///< length of the story without padding of its file
    std::uint32_t dynamic_bytes;
    // Registers between two batches.
    std::uint32_t pc;
    std::uint32_t sp;      ///< words on the stack
    std::uint32_t locals;  ///< index of the first local variable in the stack
    std::uint32_t local_count;
    std::uint32_t frames;  ///< calls in progress
    std::uint32_t left;    ///< of a batch, while it runs
    std::uint32_t unused;  ///< likewise: instructions that it will not execute
    // Random numbers.
    std::uint32_t seed;  ///< given by the host
    std::uint32_t random_state;
    std::uint32_t random_interval;  ///< counts 0 to this - 1 if not 0
    std::uint32_t random_counter;
    // Input.
    std::uint32_t input_ready;  ///< the host sets 1 when `input` holds a line, or a key
    std::uint32_t input_length;
    std::uint32_t read_counted;  ///< the read that waits is in `instructions` already
    // Output.
    std::uint32_t streams;       ///< bit set of Stream
    std::uint32_t window;        ///< 0 is the main text; text for another window is not collected
    std::uint32_t redirections;  ///< depth of stream 3
    std::uint32_t redirection[max_redirections];  ///< their tables
    std::uint32_t dropped_output;  ///< bytes that found no room, since the game began
    std::uint32_t warned;          ///< bit set of warnings already given
    // Tables of the story, from its header.
    std::uint32_t globals;
    std::uint32_t objects;
    std::uint32_t abbreviations;
    std::uint32_t dictionary;
    std::uint32_t routine_offset;  ///< added to unpacked addresses, versions 6 and 7
    std::uint32_t string_offset;
    std::uint32_t unicode_table;  ///< of the header extension, 0 if none
    std::uint32_t unpack_shift;   ///< of packed addresses, from version 5 on
    // Reading.
    std::uint32_t terminator;     ///< key that ended the line, set by the host with it
    std::uint32_t time_interval;  ///< of the read that waits, in tenths of a second; 0: none
    std::uint32_t time_passed;    ///< tenths that the host let pass while it waits
    std::uint32_t timed_out;      ///< the story's routine said to end the read
    std::uint32_t spare;          ///< nothing: what follows keeps its place
    // Files: the story asks, the host answers.
    std::uint32_t pending;     ///< 1 while save or restore has no result; pc is where it goes
    std::uint32_t answer;      ///< that result: 0 failed, 1 saved, 2 restored; or bytes of a table
    std::uint32_t file_table;  ///< what to save or load instead of the game, 0: the game
    std::uint32_t file_bytes;
    std::uint32_t file_name;  ///< a byte of length, then the name, 0: none
    // The upper window.
    std::uint32_t cursor_row;     ///< from 1
    std::uint32_t cursor_column;  ///< from 1
    std::uint32_t upper_rows;     ///< 0: there is none
    std::uint32_t font;
    std::uint32_t dropped_events;  ///< that found no room, since the game began
    std::uint32_t strict;          ///< 1: object 0 is an error
    std::uint32_t undo_used;       ///< bytes of Machine::undo that hold something
    // Stores: see stores.hpp.
    std::uint32_t store_room;  ///< addresses behind the header that a store may name
    std::uint32_t held_bytes;  ///< a store to be done behind the instruction, while a batch runs
    std::uint32_t held_address;
    std::uint32_t held_value;
    std::uint32_t held_left;  ///< instructions that may begin after it
    std::uint32_t reserved[3];
};

/// What a story does to the screen beside printing in its main window.
enum class EventKind : std::uint16_t {
    upper_text = 1,    ///< text for the upper window: a bytes of UTF-8 fill the entries that follow
    transcript = 2,    ///< likewise, for the transcript only: the screen is off
    split = 3,         ///< the upper window has a rows
    window = 4,        ///< window a is current, its cursor at the beginning if it is the upper one
    erase_window = 5,  ///< a: 0, 1, -1 (no upper window, erase all) or -2 (erase all)
    erase_line = 6,    ///< from the cursor on
    cursor = 7,        ///< of the upper window: to row a, column b, from 1
    style = 8,         ///< a: sum of 1 reverse, 2 bold, 4 italic, 8 fixed; 0 is roman
    colour = 9,        ///< foreground a, background b, as in the Standard, 8.3.1
    true_colour = 10,  ///< likewise, of 15 bits, 8.3.7
    buffering = 11,    ///< a: 1 if lines are broken between words
    stream = 12,       ///< output stream a is on (b = 1) or off (b = 0)
    input_stream = 13,
    sound = 14,   ///< number a, effect b, volume and repeats c
    status = 15,  ///< draw the status line: object a, numbers b and c (score and moves, or time)
};

struct Event {
    std::uint32_t at;  ///< bytes of Output when it happened
    EventKind kind;
    std::uint16_t a;
    std::uint16_t b;
    std::uint16_t c;
};

/// Of one batch, like Output.
struct Events {
    std::uint32_t count;  ///< entries, those that hold text included
    Event list[max_events];
};

struct Output {
    std::uint32_t length;
    std::uint8_t bytes[output_bytes];  ///< UTF-8, lines ended by 10
};

/// All of a game. `memory` is padded with zeros: every 16-bit address plus a small index can be
/// read without a check, and whatever runs on past the story's end meets opcode 0, which is
/// illegal.
struct Machine {
    Control control;
    std::uint8_t alphabet[128];  ///< see text.hpp
    std::uint8_t input[max_input + 1];
    /// Close behind the beginning, for its address is needed most: with a short offset it is free.
    alignas(64) std::uint8_t memory[max_story_bytes + guard_bytes];
    std::uint16_t stack[stack_words + max_locals + 1];
    Frame frames[max_frames];
    alignas(64) Output output;                     ///< written to DRAM as it lies here
    alignas(64) std::uint8_t pristine[64 * 1024];  ///< dynamic memory as the story gives it
    alignas(64) std::uint8_t undo[undo_bytes];     ///< see undo.hpp
    alignas(64) Events events;
};

// Python's `tilewright.zmachine` uses these numbers.
static_assert(sizeof(Control) == 320 && sizeof(Frame) == 8 && sizeof(Event) == 12);
static_assert(offsetof(Control, status) == 12 && offsetof(Control, error) == 16);
static_assert(offsetof(Control, version) == 28 && offsetof(Control, instructions) == 32);
static_assert(offsetof(Control, story_bytes) == 40 && offsetof(Control, dynamic_bytes) == 44);
static_assert(offsetof(Control, pc) == 48 && offsetof(Control, seed) == 76);
static_assert(offsetof(Control, input_ready) == 92 && offsetof(Control, input_length) == 96);
static_assert(offsetof(Control, dropped_output) == 180);
static_assert(offsetof(Control, terminator) == 220 && offsetof(Control, time_passed) == 228);
static_assert(offsetof(Control, pending) == 240 && offsetof(Control, answer) == 244);
static_assert(offsetof(Control, upper_rows) == 268);
static_assert(offsetof(Control, strict) == 280 && offsetof(Control, undo_used) == 284);
static_assert(offsetof(Machine, input) == 448 && offsetof(Machine, memory) == 704);
static_assert(offsetof(Machine, stack) == 529088 && offsetof(Machine, frames) == 594656);
static_assert(offsetof(Machine, output) == 611072 && offsetof(Machine, pristine) == 676672);
static_assert(offsetof(Machine, undo) == 742208);
static_assert(offsetof(Machine, events) == 889792 && sizeof(Machine) == 988160);

}  // namespace tilewright::zmachine
