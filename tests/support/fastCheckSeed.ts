import fc from "fast-check";

/**
 * The gate draws the same cases each time, so that it says the same of the same program. To look further, give another
 * seed: `FAST_CHECK_SEED=$RANDOM bun test tests`.
 */
const FIXED_SEED = 20_261_122;
const given = process.env["FAST_CHECK_SEED"];

fc.configureGlobal({
  ...fc.readConfigureGlobal(),
  seed: given === undefined ? FIXED_SEED : Number(given),
});
