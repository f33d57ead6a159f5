// The coins of the demo's exchange, with their limits in whole coins.
import { deploy_token } from "./harness/chain.mjs";

export const kEther = {
  symbol: "ETH", decimals: 18, price_usd: "1600", auto_approve_max: "5", withdrawal_max: "100", per_day: "10000",
};
export const kDai = {
  name: "Dai Stablecoin", symbol: "DAI", decimals: 18,
  price_usd: "1", auto_approve_max: "5000", withdrawal_max: "100000", per_day: "10000000",
};
export const kGraph = {
  name: "Graph Token", symbol: "GRT", decimals: 18,
  price_usd: "0.09", auto_approve_max: "50000", withdrawal_max: "1000000", per_day: "100000000",
};
export const kUniswap = {
  name: "Uniswap", symbol: "UNI", decimals: 18,
  price_usd: "4.3", auto_approve_max: "500", withdrawal_max: "10000", per_day: "1000000",
};

/** The native coin, and each token with a new contract. */
export async function make_assets(faucet, tokens) {
  const assets = [kEther];
  for (const token of tokens) assets.push({ ...token, contract: await deploy_token(faucet, token) });
  return assets;
}
