extension ChatTemplate.Name {
    /// The template in Jinja: what a conversation looks like to models of a family, after what their
    /// publishers say of it.
    ///
    /// Each is one line, so that it means the same whether blocks are trimmed or not.
    var text: String {
        switch self {
        case .alpaca: Text.alpaca
        case .chatml: Text.chatML
        case .exaone: Text.exaone
        case .llama3: Text.llama3
        case .mistral: Text.mistral
        }
    }

}

private enum Text {
    /// Headings for instruction and response, an empty line between parts.
    static let alpaca = #"""
        {{ bos_token }}{% for message in messages %}{% if message['role'] == 'system' %}\#
        {{ message['content'] + '\n\n' }}{% elif message['role'] == 'user' %}\#
        {{ '### Instruction:\n' + message['content'] + '\n\n' }}\#
        {% elif message['role'] == 'assistant' %}\#
        {{ '### Response:\n' + message['content'] }}{{ eos_token }}{{ '\n\n' }}\#
        {% endif %}{% endfor %}{% if add_generation_prompt %}{{ '### Response:\n' }}{% endif %}
        """#

    /// Every message between `<|im_start|>role` and `<|im_end|>`.
    static let chatML = #"""
        {% for message in messages %}\#
        {{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>\n' }}\#
        {% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}
        """#

    /// Roles in `[|…|]`; what the system and the assistant say ends with `[|endofturn|]`, and a
    /// conversation without a system message begins with an empty one.
    static let exaone = #"""
        {% if messages[0]['role'] != 'system' %}{{ '[|system|][|endofturn|]\n' }}{% endif %}\#
        {% for message in messages %}{{ '[|' ~ message['role'] ~ '|]' ~ message['content'] }}\#
        {{ '' if message['role'] == 'user' else '[|endofturn|]' }}{{ '\n' }}{% endfor %}\#
        {% if add_generation_prompt %}{{ '[|assistant|]' }}{% endif %}
        """#

    /// A header with the role, an empty line, the message and `<|eot_id|>`.
    static let llama3 = #"""
        {{ bos_token }}{% for message in messages %}\#
        {{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' }}\#
        {{ message['content'] | trim }}{{ '<|eot_id|>' }}{% endfor %}\#
        {% if add_generation_prompt %}\#
        {{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}
        """#

    /// Instructions in `[INST]`, answers behind them; a system message opens the first instruction.
    static let mistral = #"""
        {{ bos_token }}{% set ns = namespace(system='') %}{% for message in messages %}\#
        {% if message['role'] == 'system' %}{% set ns.system = message['content'] + '\n\n' %}\#
        {% elif message['role'] == 'user' %}\#
        {{ '[INST] ' + ns.system + message['content'] + ' [/INST]' }}{% set ns.system = '' %}\#
        {% elif message['role'] == 'assistant' %}{{ ' ' + message['content'] }}{{ eos_token }}\#
        {% endif %}{% endfor %}
        """#
}
