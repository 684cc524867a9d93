using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace MicroSpark.Tests.Infrastructure;

/// <summary>Holds tasks of other processes until the test lets them pass, and tells the test who arrives.</summary>
internal sealed class Gate : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Channel<TcpClient> _waiting = Channel.CreateUnbounded<TcpClient>();
    private readonly Task _accepting;
    private readonly List<TcpClient> _taken = [];
    private volatile bool _open;

    public Gate()
    {
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Called by a task: blocks its slot until the gate opens.</summary>
    public static void Pass(int port)
    {
        using var client = new TcpClient("127.0.0.1", port);
        _ = client.GetStream().ReadByte();
    }

    public async Task ArrivedAsync()
    {
        await _waiting.Reader.WaitToReadAsync();
    }

    /// <summary>Waits for the next one that arrives. It goes on waiting at the gate, and is not counted again.</summary>
    public async Task TakeAsync() => _taken.Add(await _waiting.Reader.ReadAsync());

    /// <summary>Lets through who waits and who comes.</summary>
    public void Open()
    {
        _open = true;
        _taken.ForEach(static client => client.Dispose());
        while (_waiting.Reader.TryRead(out var client))
        {
            client.Dispose();
        }
    }

    public async ValueTask DisposeAsync()
    {
        Open();
        _listener.Stop();
        await _accepting;
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                _waiting.Writer.TryWrite(client);
                if (_open)
                {
                    Open();
                }
            }
        }
        catch (Exception e) when (e is SocketException or ObjectDisposedException)
        {
            // Disposed.
        }
    }
}
