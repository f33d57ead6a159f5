# How every target of Holdfast is made. Flags come from hf_flags and from nowhere else.

set(HF_SANITIZE "" CACHE STRING "Comma-separated list for -fsanitize=")
option(HF_FUZZ "Build libFuzzer targets (clang) in place of corpus replay" OFF)
option(HF_PLANTED_BUGS "Compile the planted bugs in; only the simulator's own proof wants this" OFF)

add_library(hf_flags INTERFACE)
target_compile_options(hf_flags INTERFACE
  -Werror -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual -Wimplicit-fallthrough
  -fstack-protector-strong -fstack-clash-protection -fcf-protection=full
  $<$<CXX_COMPILER_ID:GNU>:-Wlogical-op;-Wduplicated-cond;-Wbidi-chars=any>
  $<$<NOT:$<CONFIG:Debug>>:-U_FORTIFY_SOURCE;-D_FORTIFY_SOURCE=3>)
target_compile_definitions(hf_flags INTERFACE _GLIBCXX_ASSERTIONS)
target_link_options(hf_flags INTERFACE -Wl,-z,relro -Wl,-z,now -Wl,-z,separate-code)
if(HF_SANITIZE)
  target_compile_options(hf_flags INTERFACE
    -fsanitize=${HF_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(hf_flags INTERFACE -fsanitize=${HF_SANITIZE})
endif()
if(HF_FUZZ)
  target_compile_options(hf_flags INTERFACE -fsanitize=fuzzer-no-link)  # The libraries, too, report what they cover.
  add_custom_target(fuzzers)
endif()

# Checks stay on in every build type.
foreach(config RELEASE RELWITHDEBINFO MINSIZEREL)
  string(REPLACE "-DNDEBUG" "" CMAKE_CXX_FLAGS_${config} "${CMAKE_CXX_FLAGS_${config}}")
endforeach()
string(REPLACE "-g" "-g1" CMAKE_CXX_FLAGS_RELWITHDEBINFO "${CMAKE_CXX_FLAGS_RELWITHDEBINFO}")

find_program(HF_CCACHE ccache)
if(HF_CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${HF_CCACHE})
endif()
find_program(HF_MOLD mold)
if(HF_MOLD AND NOT HF_FUZZ)
  add_link_options(-fuse-ld=mold)
endif()

# hf_library(ledger SOURCES a.cc DEPENDS base)
#   A static library holdfast_ledger (alias hf::ledger), and a program that links the whole of it
#   with its declared dependencies only. A library that uses what it did not declare does not link.
#   DEPENDS are other Holdfast libraries; LINK are outside ones.
function(hf_library name)
  cmake_parse_arguments(L "" "" "SOURCES;DEPENDS;LINK" ${ARGN})
  add_library(holdfast_${name} STATIC ${L_SOURCES})
  add_library(hf::${name} ALIAS holdfast_${name})
  target_include_directories(holdfast_${name} PUBLIC ${PROJECT_SOURCE_DIR}/src)
  list(TRANSFORM L_DEPENDS PREPEND hf::)
  target_link_libraries(holdfast_${name} PUBLIC ${L_DEPENDS} ${L_LINK} PRIVATE hf_flags)
  set(stub ${PROJECT_BINARY_DIR}/linktest/${name}.cc)
  file(GENERATE OUTPUT ${stub} CONTENT "int main() { return 0; }\n")
  add_executable(linktest_${name} ${stub})
  target_link_libraries(linktest_${name} PRIVATE
    hf_flags -Wl,--whole-archive holdfast_${name} -Wl,--no-whole-archive)
endfunction()

# hf_test(ledger_test SOURCES ledger_test.cc DEPENDS ledger)   one program, one ctest entry per gtest case group
function(hf_test name)
  cmake_parse_arguments(T "" "TIMEOUT" "SOURCES;DEPENDS;LINK;LABELS" ${ARGN})
  add_executable(${name} ${T_SOURCES})
  list(TRANSFORM T_DEPENDS PREPEND hf::)
  target_link_libraries(${name} PRIVATE ${T_DEPENDS} ${T_LINK} GTest::gtest_main hf_flags)
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  if(NOT T_TIMEOUT)
    set(T_TIMEOUT 120)
  endif()
  set_tests_properties(${name} PROPERTIES TIMEOUT ${T_TIMEOUT} LABELS "${T_LABELS}"
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR})
endfunction()

if(NOT HF_FUZZ)
  add_library(hf_fuzz_replay OBJECT ${PROJECT_SOURCE_DIR}/tests/fuzz_replay.cc)
  target_link_libraries(hf_fuzz_replay PRIVATE hf_flags)
endif()

# hf_fuzz(rlp_fuzz SOURCES rlp_fuzz.cc DEPENDS chain_evm)
#   With HF_FUZZ: a libFuzzer program. Otherwise the same target replays tests/corpus/<name> as a test,
#   then mutates it for a bounded number of rounds (tests/fuzz_replay.cc).
function(hf_fuzz name)
  cmake_parse_arguments(F "" "" "SOURCES;DEPENDS;LINK" ${ARGN})
  list(TRANSFORM F_DEPENDS PREPEND hf::)
  if(HF_FUZZ)
    add_executable(${name} ${F_SOURCES})
    target_link_libraries(${name} PRIVATE ${F_DEPENDS} ${F_LINK} hf_flags -fsanitize=fuzzer)
    set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/fuzzers)
    add_dependencies(fuzzers ${name})
  else()
    add_executable(${name} ${F_SOURCES})
    target_link_libraries(${name} PRIVATE ${F_DEPENDS} ${F_LINK} hf_fuzz_replay hf_flags)
    add_test(NAME ${name} COMMAND ${name} ${PROJECT_SOURCE_DIR}/tests/corpus/${name})
    set_tests_properties(${name} PROPERTIES TIMEOUT 60 LABELS fuzz)
  endif()
endfunction()
