using System.Diagnostics;
using System.Globalization;

namespace MicroSpark.Bench;

/// <summary>
/// Five clients on two worker processes for as long as is asked for: jobs of mixed sizes whose answers are known, cancels, and a third worker
/// that joins and is killed again and again. Meanwhile it prints what each process holds; what grows with time is a leak.
/// </summary>
internal sealed class Soak(TimeSpan duration)
{
    private const int Clients = 5;
    private const int Workers = 2;

    private static readonly TimeSpan s_guestStays = TimeSpan.FromSeconds(20);

    private readonly CancellationTokenSource _over = new();
    private readonly HeldOverTime _held = new(duration);
    private readonly TimeSpan _look = duration / 30;
    private long _jobs, _cancelled, _joined, _wrong;
    private long _turn;

    /// <returns>0 when every answer was right and nothing has grown, else 1.</returns>
    public async Task<int> RunAsync()
    {
        await using var silos = await SiloProcesses.StartAsync(Workers, slots: 1);
        var clients = new List<MicroSparkContext>();
        try
        {
            while (clients.Count < Clients)
            {
                clients.Add(await silos.ConnectAsync());
            }

            Console.WriteLine($"{duration.TotalMinutes:0.#} minutes, {Clients} clients, {Workers} workers and a guest; live MB, handles and threads of each process");
            var started = Stopwatch.GetTimestamp();
            var busy = clients.Select((client, n) => WorkAsync(client, new Random(n))).Append(JoinAsync(silos)).ToArray();
            while (Stopwatch.GetElapsedTime(started) < duration)
            {
                await Task.WhenAny(Task.Delay(_look), Task.WhenAll(busy));
                await LookAsync(clients[0], Stopwatch.GetElapsedTime(started));
                if (busy.FirstOrDefault(static task => task.IsFaulted) is { } failed)
                {
                    await failed;
                }
            }

            await _over.CancelAsync();
            await Task.WhenAll(busy);
            return Conclude();
        }
        finally
        {
            await _over.CancelAsync();
            foreach (var client in clients)
            {
                await client.DisposeAsync();
            }
        }
    }

    /// <summary>One client: a job after the other, and now and then one that is cancelled.</summary>
    private async Task WorkAsync(MicroSparkContext spark, Random random)
    {
        while (!_over.IsCancellationRequested)
        {
            // Other numbers each time: what was shuffled before would be found.
            var from = Interlocked.Increment(ref _turn) * 10_000_000;
            var count = random.Next(4) == 0 ? 500_000 : random.Next(1, 20_000);
            var numbers = spark.Range(from, from + count, partitions: random.Next(1, 33));
            switch (random.Next(6))
            {
                case 0:
                    Check(count, await numbers.CountAsync());
                    break;
                case 1:
                    Check(Math.Min(100, count), await numbers.Map(static n => (n % 100, 1L)).ReduceByKey(static (a, b) => a + b).CountAsync());
                    break;
                case 2:
                    Check(from, (await numbers.SortBy(static n => -n).Map(static n => n).CollectAsync())[^1]);
                    break;
                case 3:
                    Check(count, await numbers.Map(static n => (n, n)).Join(numbers.Map(static n => (n, -n))).CountAsync());
                    break;
                case 4:
                    var kept = numbers.Map(static n => n.ToString(CultureInfo.InvariantCulture)).Cache();
                    Check(count, await kept.CountAsync());
                    Check(count, await kept.Distinct().CountAsync());
                    await kept.UnpersistAsync();
                    break;
                default:
                    await CancelAsync(numbers, random.Next(200));
                    break;
            }
        }
    }

    private async Task CancelAsync(Rdd<long> numbers, int milliseconds)
    {
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(_over.Token);
        cancel.CancelAfter(milliseconds);
        try
        {
            await numbers.Map(static n => Slow(n)).Map(static n => (n % 10, n)).GroupByKey().CountAsync(cancel.Token);
        }
        catch (OperationCanceledException)
        {
            Interlocked.Increment(ref _cancelled);
        }
    }

    private static long Slow(long n)
    {
        Thread.Sleep(2);
        return n;
    }

    /// <summary>A third worker that comes, and dies without a word.</summary>
    private async Task JoinAsync(SiloProcesses silos)
    {
        while (!_over.IsCancellationRequested)
        {
            var guest = await silos.AddAsync(slots: 1);
            Interlocked.Increment(ref _joined);
            await Task.WhenAny(Task.Delay(s_guestStays, _over.Token));
            guest.Kill();
            await Task.WhenAny(Task.Delay(s_guestStays, _over.Token));
        }
    }

    private void Check(long expected, long found)
    {
        Interlocked.Increment(ref _jobs);
        if (expected != found)
        {
            Interlocked.Increment(ref _wrong);
            Console.WriteLine($"Wrong: {found} where {expected} was expected.");
        }
    }

    /// <summary>What each process holds now. The guest is left out: it is never old.</summary>
    private async Task LookAsync(MicroSparkContext spark, TimeSpan at)
    {
        var workers = await Held.OfWorkersAsync(spark, Workers);
        Held[] all = [Held.OfThisProcess(), .. workers.Take(Workers)];
        _held.Add(at, all);
        var held = string.Join("   ", all.Select(static h => h.ToString()));
        Console.WriteLine(
            $"{at:mm\\:ss}  {Interlocked.Read(ref _jobs),6} jobs, {Interlocked.Read(ref _cancelled)} cancelled, {Interlocked.Read(ref _joined)} guests   {held}");
    }

    /// <summary>The last quarter beside the second: the first one fills what has bounds.</summary>
    private int Conclude()
    {
        var flat = true;
        for (var p = 0; p <= Workers; p++)
        {
            var growth = _held.Of(p, p == 0 ? "client" : $"worker {p}", (0.25, 0.5), 0.75);
            flat &= !growth.Grew;
            Console.WriteLine(growth);
        }

        Console.WriteLine(flat && _wrong == 0 ? "Flat, and every answer was right." : $"{_wrong} wrong answers{(flat ? "" : ", and something grew")}.");
        return flat && _wrong == 0 ? 0 : 1;
    }
}
