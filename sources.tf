# Which files of source_dir are the server.

locals {
  module_name   = split(":", coalesce(var.entrypoint, "server:mcp"))[0]
  entry_module  = local.is_node ? local.module_name : replace(local.module_name, ".", "/")
  node_endings  = [".ts", ".mts", ".tsx", ".js", ".mjs", "/index.ts", "/index.js"]
  entry_endings = formatlist("${local.entry_module}%s", local.is_node ? local.node_endings : [".py", "/__init__.py"])
  entry_files   = flatten([for root in ["", "src/"] : formatlist("${root}%s", local.entry_endings)])

  node_project = ["package.json", "package-lock.json"]

  # A project may have its packages in another folder, which its pyproject.toml names, alone or with a package in it.
  named_roots = !local.is_project ? [] : distinct(flatten([
    for name in flatten(regexall("[\"']([A-Za-z0-9_./-]+)[\"']", local.pyproject)) :
    ["${trim(name, "./")}/", "${dirname(trim(name, "./"))}/"]
  ]))
  entry_places = concat(local.entry_files, flatten([
    for root in local.named_roots : formatlist("${root}%s", local.entry_endings)
  ]))

  # Terraform 1.13 and newer end an apply in which fileset finds other files than the plan did. So it is not asked for
  # what appears in between: bytecode, Terraform's states and plans, and what is in hidden folders such as .terraform.
  # Each ending has a last letter of its own.
  appearing = [".pyc", ".tfstate", ".tfstate.backup", "tfplan"]
  lasting = join(",", concat(
    ["*[^${join("", [for ending in local.appearing : substr(ending, -1, 1)])}]"],
    flatten([for ending in local.appearing : [for place in range(length(ending) - 1) : [
      "*[^${substr(ending, place, 1)}]${substr(ending, place + 1, -1)}", substr(ending, place + 1, -1)
    ]]]),
  ))
  folders = ["", "[^.]*/", "[^.]*/[^.]*/", "[^.]*/[^.]*/[^.]*/**/"]

  # Files that build.py reads: nothing hidden, no bytecode, nothing of Terraform's, no virtual environment; and of a
  # project no tests, nor what else in its root never is the server.
  pyproject  = try(file("${var.source_dir}/pyproject.toml"), "")
  is_project = can(regex(local.contract.project_table, local.pyproject))
  left_out = join("|", concat(
    [local.contract.left_out, local.contract.terraform_files],
    local.is_project || local.is_node ? local.contract.project_left_out : [],
  ))
  all_source_files = var.source_dir == null ? [] : setunion([
    for folder in local.folders : fileset(var.source_dir, "${folder}{${local.lasting}}")
  ]...)
  source_paths = [for file in local.all_source_files : file if !can(regex(local.left_out, file))]
  virtual_environments = [
    for file in local.all_source_files : "${dirname(file)}/"
    if basename(file) == local.contract.virtual_environment_file
  ]
  source_files = [
    for file in local.source_paths : file
    if !anytrue([for folder in local.virtual_environments : startswith(file, folder)])
  ]

  # Of a project build.py leaves out documents and images that its code does not mention. Here more counts as mentioned
  # than there, and all that may list requirements: a build too many costs a minute, one too few deploys old files.
  code = try(join("\n", [
    for file in local.source_files : file("${var.source_dir}/${file}")
    if endswith(file, ".py") && !can(regex(local.contract.project_seldom, file))
  ]), null) # not all of it is text
  documents = !local.is_project || local.code == null ? {} : {
    for file in local.source_files : split("/", file)[0] => file...
    if can(regex(local.contract.project_seldom, file)) && !can(regex("[.](in|toml|txt|whl)$", file))
  }
  unread_files = flatten([for top, files in local.documents : files if !strcontains(local.code, top)])
}
