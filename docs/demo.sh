#!/usr/bin/env bash
# The whole job on two packaged public-domain portraits; every command is shown as it is typed.
set -euo pipefail

if [ $# -gt 1 ]; then
    echo "usage: bash docs/demo.sh [FOLDER]" >&2
    exit 2
fi
demo=${1:-demo-data}
for command in ingest synth maskcls; do
    if ! command -v "$command" >/dev/null; then
        echo "$command: not found. Run \`make demo\`, or activate the environment first." >&2
        exit 1
    fi
done

as_typed() {
    local word
    for word; do
        if [[ $word =~ ^[A-Za-z0-9_./:,=+-]+$ ]]; then printf ' %s' "$word"; else printf ' %q' "$word"; fi
    done
    printf '\n'
}

step() {
    printf '\n# %s\n$' "$1"
    shift
    as_typed "$@"
    "$@"
}

export MASKCLS_DATA=$demo MASKCLS_RUNS=$demo/runs
printf '# To repeat a step by hand:\n$ source .venv/bin/activate\n'
printf '$ export MASKCLS_DATA=%q MASKCLS_RUNS=%q\n' "$MASKCLS_DATA" "$MASKCLS_RUNS"

step "Two photographs, their licence quoted and their bytes verified" \
    ingest pull public_portraits
step "Masks on both faces: worn, below the nose, on the chin; each label measured" \
    synth masks --src public_portraits --incorrect chin,nose --worn --out synth_v1
step "The composites beside their photos" \
    synth preview synth_v1 --to "$demo/contact_sheet.jpg"
step "What can be trained on this, and what stands against it" \
    ingest audit public_portraits synth_v1 --html "$demo/audit.html" --json "$demo/audit.json"
if [ -d "$demo/runs/demo" ]; then
    step "The run of the last demo makes room" rm -r "$demo/runs/demo"
fi
step "A few steps of training, to see it run: two people validate nothing" \
    maskcls train --data public_portraits --extra synth_v1 --no-pretrained --folds none \
    --set train.epochs=2 --name demo
step "What that model says of the photos (nothing it could be trusted with)" \
    maskcls predict demo "$demo/public_portraits/images" --out "$demo/predictions.csv" --force

cat <<EOF

Open these:
  $demo/contact_sheet.jpg           photos and composites side by side
  $demo/audit.html                  the report on the data
  $demo/runs/demo/model_card.md     what the model was made of
  $demo/predictions.csv             what it says of the photos
EOF
