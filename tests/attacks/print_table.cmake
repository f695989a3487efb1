# After a run of ctest: prints the table of attacks, if that run made one.
if(EXISTS ${TABLE})
  file(READ ${TABLE} table)
  file(REMOVE ${TABLE})
  message("${table}")
endif()
