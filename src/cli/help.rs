//! What stands below the options in `--help`: examples, exit codes and environment variables.

pub(super) const UPTAKE: &str = "\
Exit codes:
  0    success
  1    a rule or a threshold failed, fuzz found a counterexample, or a defect survived
  2    invalid input: options, scenarios, profiles
  3    could not test: the target is unreachable, a report could not be written, or an internal error
  4    nothing was tested
  75   suspended; continue with `uptake resume`
  130  interrupted

Environment variables:
  UPTAKE_TARGET        target profile or URL, as --target
  UPTAKE_API_KEY       API key for a target that is given as a URL
  UPTAKE_UPLOAD_TOKEN  upload token for `uptake load`, as --upload-token
  UPTAKE_RUN_KEY       secret that seals run folders [default: the credentials]
  UPTAKE_SHARD, UPTAKE_RESULTS, UPTAKE_START_AT
                       shards, as --shard, --results and --start-at
  NO_COLOR, CI         no colour; no progress bar";

pub(super) const INIT: &str = "\
Examples:
  UPTAKE_API_KEY=… uptake init --target https://sandbox.example.com
  uptake init --target https://sandbox.example.com --offline --ci gitlab

Environment variables:
  UPTAKE_TARGET   URL of the server, as --target
  UPTAKE_API_KEY  API key of the server; the profile names the variable, never the key";

pub(super) const CHECK: &str = "\
Examples:
  uptake check                                            test the built-in reference server
  uptake check --target staging.yaml                      test the server of a profile
  UPTAKE_API_KEY=… uptake check -t https://api.example.com --area token
  uptake check -t staging.yaml --plan                     show requests, bytes and duration first
  uptake check -t staging.yaml --report junit=uptake.xml --waivers waivers.yaml
  uptake check -t staging.yaml --failed-from uptake.json  run again what did not pass
  uptake check -t staging.yaml --rule TTL-02 -vv          print each exchange with its headers

Environment variables:
  UPTAKE_TARGET   target profile or URL, as --target
  UPTAKE_API_KEY  API key for a target that is given as a URL
  UPTAKE_RUN_KEY  secret that seals run folders [default: the credentials]";

pub(super) const RESUME: &str = "\
Examples:
  uptake resume --list                        list suspended runs
  uptake resume                               resume the run that is due first
  uptake resume reports/run-20270131T120000Z  resume this run

Environment variables:
  UPTAKE_API_KEY  API key for a target that is given as a URL; must be the one of the first run
  UPTAKE_RUN_KEY  secret that seals run folders [default: the credentials]";

pub(super) const CLEAN: &str = "\
Examples:
  uptake clean                                          clean up after every interrupted run
  uptake clean --abandon reports/run-20270131T120000Z   clean up after a suspended run too

Environment variables:
  UPTAKE_API_KEY  API key for a target that is given as a URL; must be the one of the run
  UPTAKE_RUN_KEY  secret that seals run folders [default: the credentials]";

pub(super) const LOAD: &str = "\
Examples:
  uptake load --rate 50/s --duration 1m                         open model, built-in reference server
  uptake load --uploaders 16 -t staging.yaml                    closed model
  uptake load plan.yaml -t staging.yaml --fail-if 'upload.p99 > 2s'
  uptake load --rate 20/s --report json=load.json --report hlog=load.hlog
  uptake load plan.yaml --shard 2/4 --results results           the second of four parts

Environment variables:
  UPTAKE_TARGET        target profile or URL, as --target
  UPTAKE_API_KEY       API key for a target that is given as a URL
  UPTAKE_UPLOAD_TOKEN  upload token to use for every upload, as --upload-token";

pub(super) const REPORT: &str = "\
Examples:
  uptake report render uptake.json --report junit=uptake.xml
  uptake report merge machine-1.json machine-2.json --report json=all.json
  uptake report merge results --expect 4 --wait 10m      wait for four shards, and judge the whole
  uptake report compare old.json new.json --fail-if-worse 10%";

pub(super) const FUZZ: &str = "\
Examples:
  uptake fuzz                                        fuzz the built-in reference server
  uptake fuzz -t staging.yaml --time 5m --seed 42
  uptake fuzz --property refusal --cases 2000
  uptake fuzz --replay reports                       test old counterexamples again

Environment variables:
  UPTAKE_TARGET   target profile or URL, as --target
  UPTAKE_API_KEY  API key for a target that is given as a URL";

pub(super) const PROVE: &str = "\
Examples:
  uptake prove                                    plant every defect, one at a time
  uptake prove --defect ttl-in-milliseconds       plant one defect
  uptake prove --report json=matrix.json
  uptake prove --mutate --suite my-suite --target target.yaml
                                                  change the responses of any server, one at a time";

pub(super) const SERVE: &str = "\
Examples:
  uptake serve --write-profile target.yaml        then: uptake check --target target.yaml
  uptake serve --listen 127.0.0.1:0 --discard
  uptake serve --rate-limit sandbox --tls
  uptake serve --defect ttl-in-milliseconds       deviate on purpose

Environment variables:
  UPTAKE_API_KEY  API key to accept, as --api-key";

pub(super) const LINT: &str = "\
Examples:
  uptake lint scenarios/my-suite
  uptake lint load/steady.yaml staging.yaml waivers.yaml
  uptake lint --report sarif=lint.sarif scenarios/my-suite

Exit codes:
  0  no mistakes
  2  mistakes";

pub(super) const EXPLAIN: &str = "\
Examples:
  uptake explain            list all codes
  uptake explain 3          explain an exit code
  uptake explain blocked    explain a verdict";

pub(super) const SCHEMA: &str = "\
Examples:
  uptake schema                                    the JSON report of check
  uptake schema scenario > scenario.schema.json    for an editor

The first line `# yaml-language-server: $schema=scenario.schema.json` in a YAML file makes many
editors complete keys and mark mistakes.";

pub(super) const RULES: &str = "\
Examples:
  uptake rules              list all rules
  uptake rules TTL-02       explain one rule
  uptake rules --json       print all rules for programs";

pub(super) const MATRIX: &str = "\
Examples:
  uptake matrix servers.yaml --report html=servers.html
  uptake matrix servers.yaml --report json=new.json --since old.json
  uptake matrix servers.yaml --server alpha --badges badges";

pub(super) const CERTIFY: &str = "\
Examples:
  uptake certify bundle -t staging.yaml --server alpha --server-version 2.4.5
  uptake certify --verify bundle";

pub(super) const SUBMIT: &str = "\
Examples:
  uptake submit slurm --shards 4 -- load plan.yaml -t staging.yaml > load.sh
  uptake submit kubernetes --shards 4 --image IMAGE --results s3://bucket/load -- load plan.yaml
  uptake submit github --shards 4 -- check -t staging.yaml > .github/workflows/uptake.yml
  uptake submit gitlab --shards 4 --report junit=uptake.xml -- check -t staging.yaml";

pub(super) const SUITE: &str = "\
Examples:
  uptake suite list                list the built-in suites
  uptake suite export my-suites    write them to a directory, to read or extend them";

pub(super) const COMPLETIONS: &str = "\
Examples:
  uptake completions bash > ~/.local/share/bash-completion/completions/uptake
  uptake completions zsh > ~/.zfunc/_uptake
  uptake completions fish > ~/.config/fish/completions/uptake.fish";
