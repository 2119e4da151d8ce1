"""`harborconf validate`: what stands in no file is a warning, what contradicts itself an error."""

from __future__ import annotations

from cli.shell import Shell

HUB = "registries: {hub: {type: harbor, url: 'https://hub.example.com'}}"


def test_a_name_that_stands_in_no_file_is_a_warning(shell: Shell) -> None:
    shell.write(f"{HUB}\nreplications: {{in: {{pull_from: hubb}}}}")
    ran = shell.run("validate")
    assert ran.code == 0
    assert ran.out == "1 file, 2 resources: all is well.\n"
    assert ran.err == (
        "warning: desired/all.yaml:3:32: `pull_from` names registry/hubb, which stands in no file"
        " (did you mean `hub`?)\n"
    )


def test_what_is_absent_cannot_be_named(shell: Shell) -> None:
    shell.write("registries: {hub: absent}\nreplications: {in: {pull_from: hub}}")
    ran = shell.run("validate")
    assert ran.code == 1
    assert "`pull_from` names registry/hub, which is `absent` (keep one of them)" in ran.err


def test_a_rule_that_cannot_do_what_it_seems_to_is_a_warning(shell: Shell) -> None:
    shell.write("projects: {team: {retention: {rules: [{keep: always, tags: [v/1]}]}}}")
    told = "desired/all.yaml:2:61: no tag can match `v/1`"
    assert f"warning: {told}" in shell.run("validate").err
    ran = shell.run("validate", "--format", "github")
    assert "::warning file=desired/all.yaml,line=2,col=61::no tag can match `v/1`" in ran.out
