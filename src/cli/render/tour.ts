/** What is printed once where no server is set up: `list` is that of the sandbox, `oforest` what one types to get here. */
export function renderTour(list: string, oforest: string): string {
  return `oForest runs oTree experiments on your own Docker Swarm. No server of yours is set up on this computer yet, so this is
the sandbox: a pretend server where everything can be tried, without Docker and without harm.

${list}

Open one of the addresses above in a browser, then try:

  ${oforest} --server sandbox links trust-game
  ${oforest} --server sandbox admin trust-game
  ${oforest} --server sandbox status trust-game
  ${oforest} --server sandbox deploy trust-game --image localhost:5000/samples/trust-game:v3
  ${oforest} --server sandbox rollback trust-game
  ${oforest} --server sandbox reset trust-game
  ${oforest} --server sandbox undo trust-game
  ${oforest} --server sandbox deploy trust-game --image localhost:5000/samples/broken:crash-at-import
  ${oforest} --server sandbox logs trust-game
  ${oforest} sandbox reset

Then your own server:

  1. Name a Swarm manager that you reach by SSH:   ${oforest} server add lab swarm.lab.example.edu --user oforest
  2. Make it ready, once:                          ${oforest} server prepare lab --domain lab.example.edu
  3. Run an image as a study:                      ${oforest} deploy my-exp --image registry.example.edu/lab/my-exp:v1

${oforest} --help lists all commands.`;
}
