using MicroSpark.Silo;

return await WorkerProcess.RunAsync(args);
