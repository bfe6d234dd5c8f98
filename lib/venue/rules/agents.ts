import { ms } from "../../units/numbers.ts";
import type { Account, World } from "./model.ts";
import type { Address } from "./types.ts";
import type { AgentView } from "./views.ts";

const MAX_NAMED = 3;
const NAMED_A_SUB_ACCOUNT = 2;
const MAX_NAME_CHARS = 16;
const MAX_VALID_MS = 180 * 86_400_000;
const VALID_UNTIL = /^(.*?) ?valid_until (\d+)$/;

/**
 * One unnamed and three named agents an account, two more for each sub-account; the same name (or the unnamed slot) replaces the older one, whose nonces
 * are forgotten (nonces-and-api-wallets). `" valid_until <ms>"` ends the name of an agent that expires, 180 days at most.
 * Null when done; the texts of refusals are assumed, the venue's are not known.
 */
export function approveAgent(
  world: World,
  account: Account,
  agentAddress: Address,
  agentName: string,
): string | null {
  const match = VALID_UNTIL.exec(agentName);
  const name = match?.[1] ?? agentName;
  const validUntil = match === null ? null : Number(match[2]);
  if (name.length > MAX_NAME_CHARS) return `Agent name is too long: ${name}`;
  if (validUntil !== null && !validExpiry(validUntil, world.nowMs)) {
    return `Invalid agent expiry: ${validUntil}`;
  }
  const owner = world.agentOwners.get(agentAddress);
  if (world.accounts.has(agentAddress) || (owner !== undefined && owner !== account)) {
    return `Agent address is already used: ${agentAddress}`;
  }
  dropExpired(world, account);
  const allowed = MAX_NAMED + NAMED_A_SUB_ACCOUNT * account.subAccounts.length;
  const others = account.agents.filter(
    (agent) => agent.name !== name && agent.address !== agentAddress,
  );
  if (name !== "" && others.filter((agent) => agent.name !== "").length >= allowed) {
    return `Too many named agents, at most ${allowed}`;
  }
  const replaced = account.agents.filter((agent) => !others.includes(agent));
  for (const agent of replaced) removeAgent(world, account, agent);
  account.agents.push({
    address: agentAddress,
    name,
    validUntilMs: validUntil === null ? null : ms(validUntil),
  });
  world.agentOwners.set(agentAddress, account);
  return null;
}

function validExpiry(validUntil: number, nowMs: number): boolean {
  return (
    Number.isSafeInteger(validUntil) && validUntil > nowMs && validUntil <= nowMs + MAX_VALID_MS
  );
}

/** The account that an address acts for: itself, or by an approval that has not expired. */
export function resolveSigner(world: World, signer: Address): Account | null {
  const direct = world.accounts.get(signer);
  if (direct !== undefined) return direct;
  const owner = world.agentOwners.get(signer);
  if (owner === undefined) return null;
  const agent = owner.agents.find((each) => each.address === signer);
  return agent === undefined || expired(agent, world.nowMs) ? null : owner;
}

export function liveAgents(account: Account, nowMs: number): readonly AgentView[] {
  return account.agents.filter((agent) => !expired(agent, nowMs));
}

function expired(agent: AgentView, nowMs: number): boolean {
  return agent.validUntilMs !== null && agent.validUntilMs <= nowMs;
}

function dropExpired(world: World, account: Account): void {
  const gone = account.agents.filter((agent) => expired(agent, world.nowMs));
  for (const agent of gone) removeAgent(world, account, agent);
}

function removeAgent(world: World, account: Account, agent: AgentView): void {
  account.agents.splice(account.agents.indexOf(agent), 1);
  world.agentOwners.delete(agent.address);
  world.nonces.forget(agent.address);
}
