// Reads what a signer rests its trust on from its configuration: whose journal it follows and which other witnesses it heeds, and who
// may have money sent.
#pragma once

#include "config/toml_reader.h"
#include "signer/authority_rules.h"
#include "signer/replica/follower.h"

namespace holdfast::signer {

// Problems are reported to the reader; after one of them the answers are of no use.

// The table [journal]. None where something is wrong with it.
std::optional<FollowRules> read_follow_rules(config::TomlReader& in);
// The table [authority], if there is one; `exchange` is left to whoever knows the journal.
AuthorityRules read_authority(config::TomlReader& in);
// Keys of an asset, or of a chain of coins.
AuthorityLimits read_authority_limits(config::TomlReader& in, unsigned decimals);

}  // namespace holdfast::signer
