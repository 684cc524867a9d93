using System.Runtime.InteropServices;
using MicroSpark.Grains.Hosting;
using MicroSpark.Grains.Membership;
using MicroSpark.Grains.Ui;
using MicroSpark.Options;

namespace MicroSpark.Silo;

/// <summary>A worker as a process. It reads its settings, joins the cluster, reports itself ready, and leaves on request.</summary>
internal static class WorkerProcess
{
    private const int Done = 0;
    private const int Evicted = 1;
    private const int BadSettings = 2;
    private const int NoCluster = 3;
    private const int Exhausted = 4;

    /// <summary>For <see cref="Evicted"/>: nobody listens, and what a part of the silo waits for may never come.</summary>
    private static readonly TimeSpan s_farewell = TimeSpan.FromSeconds(3);

    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            if (args is ["--help" or "-h" or "-?", ..])
            {
                Console.WriteLine(Arguments.Usage);
                return Done;
            }

            var (settings, collector) = Arguments.Read(args);
            var options = MicroSparkConfiguration.Load(arguments: settings);
            if (options.Membership.IsInMemory)
            {
                throw new InvalidSettingException(
                    "Membership:Provider", options.Membership.Provider,
                    "Sqlite (workers on one host) or PostgreSql, with Membership:ConnectionString; InMemory is for silos inside a program");
            }

            using var telemetry = collector is null && !OtlpExport.IsInEnvironment ? null : new OtlpExport(collector, "microspark-worker");
            return await RunAsync(options, telemetry);
        }
        catch (Exception e) when (e is InvalidSettingException or BadArgumentException)
        {
            return Fail(BadSettings, e.Message);
        }
        catch (ClusterUnavailableException e)
        {
            return Fail(NoCluster, e.Message);
        }
    }

    private static async Task<int> RunAsync(MicroSparkOptions options, OtlpExport? telemetry)
    {
        // The first signal asks the worker to leave in order, the second to leave at once.
        using var leave = new CancellationTokenSource();
        using var hurry = new CancellationTokenSource();
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, OnSignal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, OnSignal);

        SiloHandle silo;
        try
        {
            silo = await SiloHostFactory.StartAsync(options, SiloMode.Worker(options), leave.Token);
        }
        catch (OperationCanceledException) when (leave.IsCancellationRequested)
        {
            return Done;
        }

        await using (silo)
        {
            await Console.Out.WriteLineAsync(ReadyLine(silo));
            if (!Console.IsOutputRedirected && silo.Page.Invite(Viewer.AtTerminal(options)) is { } link)
            {
                // To a terminal only: who reads a worker's log is not to get in by it.
                await Console.Out.WriteLineAsync($"Look at the cluster, once and within 10 minutes: {link}");
            }

            await Console.Out.FlushAsync(CancellationToken.None);

            var over = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            using (leave.Token.Register(() => over.TrySetResult(Done)))
            using (silo.Exhausted.Register(() => over.TrySetResult(Exhausted)))
            using (silo.Fatal!.Happened.Register(() => over.TrySetResult(Evicted)))
            using (silo.Stopping.Register(() => over.TrySetResult(Evicted)))
            {
                var end = await over.Task;
                telemetry?.Flush();
                switch (end)
                {
                    case Evicted:
                        await Task.WhenAny(
                            silo.StopAsync(new CancellationToken(canceled: true)), Task.Delay(s_farewell, TimeProvider.System));
                        return Fail(Evicted, silo.Fatal.Message);
                    case Exhausted:
                        // Others take over in order. What never ends goes with the process.
                        await silo.StopAsync(hurry.Token);
                        return Fail(
                            Exhausted,
                            "As many cancelled tasks did not end as the worker has slots; the log names them. The worker has left its "
                            + "cluster. Start it again.");
                }
            }

            await silo.StopAsync(hurry.Token);
            return Done;
        }

        void OnSignal(PosixSignalContext signal)
        {
            signal.Cancel = true;
            (leave.IsCancellationRequested ? hurry : leave).Cancel();
        }
    }

    private static string ReadyLine(SiloHandle silo) =>
        $"MicroSpark worker ready: silo {silo.Address.Endpoint}, gateway {silo.Gateway?.Port}, data {silo.DataUri?.Port}, "
        + $"ui {silo.Page.Uri?.ToString().TrimEnd('/') ?? "none"}, slots {silo.Settings.Slots}";

    private static int Fail(int code, string message)
    {
        Console.Error.WriteLine(message);
        return code;
    }
}
