using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace MicroSpark.Bench.Workloads;

/// <summary>
/// What a shuffle's reading side moves between two worker processes, beside as many bytes through bare sockets. The map side's output is kept,
/// so a second action on it reads only: half of what each worker reads is its own and half the other's, in both directions at once.
/// </summary>
internal sealed class Shuffle2 : IWorkload
{
    private const string RawTcp = "raw TCP";
    private const int Workers = 2;
    private const int PairBytes = 16;
    private const int BufferBytes = 1 << 20;

    private SiloProcesses? _silos;
    private MicroSparkContext? _spark;

    public string Name => "shuffle2";

    public string Description => "the reading side of a shuffle of 32 M (int, long), 512 MB of which 256 MB cross, between two worker processes with a slot each";

    public IReadOnlyList<Bound> AtLeast => [Bound.Times(1 / 0.5, RawTcp)];

    public IReadOnlyList<Bound> Goal => [Bound.Times(1 / 0.7, RawTcp)];

    /// <summary>The workers' JIT takes its time with what runs once for each frame: after so many jobs it is asked whether it is done.</summary>
    public int WarmUps => 60;

    public async Task<IReadOnlyList<Contender>> PrepareAsync(Contexts contexts)
    {
        _silos = await SiloProcesses.StartAsync(Workers, slots: 1);
        _spark = await _silos.ConnectAsync();
        var count = contexts.Settings.Count(32 << 20);
        var pairs = _spark.Range(0, count, partitions: 2 * Workers).Map(i => ((int)i, i))
            .PartitionBy(new HashPartitioner<int>(2 * Workers));
        await pairs.CountAsync();
        var crossing = (long)count * PairBytes / Workers;
        return
        [
            new Contender(Contender.Ours, async () => (await pairs.CountAsync()).ToString(CultureInfo.InvariantCulture))
            {
                CompilingElsewhere = () => SiloProcesses.CompilingAsync(_spark, Workers),
            },
            new Contender(RawTcp, async () =>
            {
                await Task.WhenAll(Enumerable.Range(0, Workers).Select(_ => MoveAsync(crossing / Workers)));
                return count.ToString(CultureInfo.InvariantCulture);
            }),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        if (_spark is not null)
        {
            await _spark.DisposeAsync();
        }

        if (_silos is not null)
        {
            await _silos.DisposeAsync();
        }
    }

    /// <summary>One direction: a thread that sends and one that receives, with nothing between them but the kernel.</summary>
    private static async Task MoveAsync(long bytes)
    {
        using var listener = new Socket(SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        using var receiving = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var accepting = listener.AcceptAsync();
        await receiving.ConnectAsync(listener.LocalEndPoint!);
        using var sending = await accepting;
        sending.Blocking = receiving.Blocking = true;
        await Task.WhenAll(
            Task.Factory.StartNew(() => Send(sending, bytes), TaskCreationOptions.LongRunning),
            Task.Factory.StartNew(() => Receive(receiving, bytes), TaskCreationOptions.LongRunning));
    }

    private static void Send(Socket socket, long bytes)
    {
        var buffer = new byte[BufferBytes];
        while (bytes > 0)
        {
            bytes -= socket.Send(buffer.AsSpan(0, (int)Math.Min(bytes, buffer.Length)));
        }
    }

    private static void Receive(Socket socket, long bytes)
    {
        var buffer = new byte[BufferBytes];
        while (bytes > 0)
        {
            var received = socket.Receive(buffer);
            bytes -= received > 0 ? received : throw new EndOfStreamException($"{bytes} bytes did not come.");
        }
    }
}
