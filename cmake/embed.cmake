# Writes OUT, a C++ source that holds the text of FILES as raw string literals.
set(text "#include \"harness/base/embedded.h\"\n\nnamespace assay {\nnamespace {\nconstexpr EmbeddedFile kFiles[] = {\n")
foreach(file IN LISTS FILES)
  file(RELATIVE_PATH path ${FOLDER} ${file})
  file(READ ${file} body)
  string(APPEND text "    {\"${path}\", R\"embedded~(${body})embedded~\"},\n")
endforeach()
string(APPEND text "};\n}  // namespace\n\nstd::span<const EmbeddedFile> embedded_${NAME}() { return kFiles; }\n\n}  // namespace assay\n")
file(WRITE ${OUT} "${text}")
